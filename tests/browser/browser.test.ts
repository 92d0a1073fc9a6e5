// README's loop, and `transient` with one thread and with two, in a real browser, from the packed packages as they are: a
// page loads them with `<script type="module">` and an import map.
import { afterAll, beforeAll, expect, inject, type TestContext, test } from 'vitest'
import { leftOut } from '../packed/leftOut.js'
import { type Report, reportOf, writePrograms } from '../packed/programs.js'
import { installedChromium, launch } from './chromium.js'
import { type Page, type Site, serve } from './server.js'

/** What is found on a page, and whatever it complained about. */
interface Visit {
  readonly report: Report
  readonly isIsolated: boolean
  readonly warnings: readonly string[]
}

const { home } = inject('packed')
const file = installedChromium()

let here: Report
let site: Site
let browser: Awaited<ReturnType<typeof launch>>

beforeAll(async () => {
  if (file === undefined) return
  writePrograms(home)
  here = await reportOf(home)
  site = await serve(home)
  browser = await launch(file)
})

afterAll(async () => {
  site?.close()
  await browser?.end()
})

const visit = async (context: TestContext, name: Page): Promise<Visit> => {
  if (file === undefined) return leftOut(context, 'there is no Chromium here (apt-get install chromium)')
  const page = await browser.context.newPage()
  const warnings: string[] = []
  const errors: Error[] = []
  page.on('console', (message) => {
    if (message.type() === 'warning') warnings.push(message.text())
  })
  const broken = new Promise<never>((_, reject) => page.on('pageerror', reject))
  broken.catch((error: Error) => errors.push(error))
  await page.goto(site.addressOf(name), { waitUntil: 'load' })
  const found = page.evaluate(async () => ({
    report: await (globalThis as unknown as { report: Promise<Report> }).report,
    isIsolated: crossOriginIsolated
  }))
  const { report, isIsolated } = await Promise.race([found, broken])
  await page.close()
  expect(errors).toEqual([])
  return { report, isIsolated, warnings }
}

test('on a page that is cross-origin isolated, two threads give the bits of one, and of Node', async (context) => {
  const { report, isIsolated, warnings } = await visit(context, 'isolated')
  expect(report).toEqual(here)
  expect(isIsolated).toBe(true)
  expect(warnings).toEqual([])
})

test('on a page that is not, there is one thread, with the same bits, and a warning', async (context) => {
  const { report, isIsolated, warnings } = await visit(context, 'plain')
  const [one] = here.threads
  expect(report).toEqual({ ...here, threads: [one, one] })
  expect(isIsolated).toBe(false)
  expect(warnings).toEqual([expect.stringContaining('threads cannot share memory here')])
})

test('where a content security policy lets nothing be compiled, the reference engine gives the same bits', async (context) => {
  const { report } = await visit(context, 'strict')
  const [one] = here.threads
  expect(report).toEqual({ ...here, threads: [one, one], isWasmSupported: false })
})
