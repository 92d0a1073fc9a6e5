// The page that `npm start -- --report` writes, as a real browser shows it: light, dark, and as wide as a telephone.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../examples/digits/src/run.js'
import { leftOut } from '../packed/leftOut.js'
import { installedChromium, launch } from './chromium.js'
import { faultsOf } from './faultsOf.js'

const file = installedChromium()
const folder = mkdtempSync(join(tmpdir(), 'gradchain-report-'))
const report = join(folder, 'run.html')
let browser: Awaited<ReturnType<typeof launch>>

beforeAll(async () => {
  if (file === undefined) return
  const options = { optimizer: 'chain', steps: 40, batchSize: 128, learningRate: 0.01, seed: 0 } as const
  await run({ ...options, report }, new PassThrough().resume(), new AbortController().signal)
  browser = await launch(file)
})

afterAll(async () => {
  await browser?.end()
  rmSync(folder, { recursive: true, force: true })
})

test.for([
  { colorScheme: 'light', width: 1000 },
  { colorScheme: 'dark', width: 1000 },
  { colorScheme: 'light', width: 390 }
] as const)(
  '$colorScheme, $width pixels wide: nothing is complained about, all is seen, nothing is too wide',
  async ({ colorScheme, width }, context) => {
    if (file === undefined) return leftOut(context, 'there is no Chromium here (apt-get install chromium)')
    const page = await browser.context.newPage()
    const complaints: string[] = []
    const asked: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => asked.push(request.url()))
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 800 })
    await page.goto(pathToFileURL(report).href, { waitUntil: 'load' })
    const seen = await page.evaluate(() => {
      const shown = [...document.querySelectorAll('figure svg')].filter((svg) => svg.getClientRects().length > 0)
      const brightness = (color: string) =>
        (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
      const title = shown[0]?.querySelector('.role-title-text text')
      return {
        pictures: shown.length,
        drawn: shown.every((svg) => svg.getBoundingClientRect().height > 100),
        tooWide:
          document.documentElement.scrollWidth > innerWidth ||
          shown.some((svg) => svg.getBoundingClientRect().right > innerWidth),
        equations: document.querySelectorAll('math').length > 5,
        paperIsBrighter:
          brightness(getComputedStyle(document.body).backgroundColor) >
          brightness(title === null || title === undefined ? '' : getComputedStyle(title).fill)
      }
    })
    const faults = await faultsOf(page)
    await page.close()
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
    expect(asked.filter((url) => !/^(file|data):/.test(url))).toEqual([])
    const paperIsBrighter = colorScheme === 'light'
    expect(seen).toStrictEqual({ pictures: 6, drawn: true, tooWide: false, equations: true, paperIsBrighter })
  }
)
