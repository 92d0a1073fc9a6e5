// README's loop, and `transient` with one thread and with two, in a real browser, from the packed packages as they are: a
// page loads them with `<script type="module">` and an import map.
import { readFileSync } from 'node:fs'
import { load, save } from '@gradchain/checkpoint'
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

/** Keeps a tree in the file system of the page, twice, and gives back what it finds there; then has it downloaded. */
const KEEPING = `(async () => {
  const { download, loadOpfs, saveOpfs, upload } = await import('@gradchain/checkpoint/browser')
  const right = (result) => {
    if (result._tag === 'Left') throw result.left
    return result.right
  }
  const treeOf = (n) => ({ n, w: Float32Array.from({ length: 600000 }, (_, i) => i * n), rest: [-0, null, 'text', Infinity] })
  await saveOpfs('runs/a.safetensors', treeOf(1))
  await saveOpfs('runs/a.safetensors', treeOf(0.5))
  const { n, w, rest } = right(await loadOpfs('runs/a.safetensors', treeOf(0)))
  const missing = await loadOpfs('runs/b.safetensors')
  const file = await (await (await navigator.storage.getDirectory()).getDirectoryHandle('runs')).getFileHandle('a.safetensors')
  const again = right(await upload(await file.getFile()))
  const cut = await upload((await file.getFile()).slice(0, -1))
  const isWhole = [w, again.w].every((read) => read.length === 600000 && read.every((x, i) => x === i / 2))
  download('model.safetensors', treeOf(0.5))
  return { n, isWhole, isNegative: Object.is(rest[0], -0), rest: rest.slice(1, 3), missing: missing.left.message, cut: cut.left.kind }
})()`

test('a tree is kept in the file system of a page, downloaded and uploaded, to the bit', async (context) => {
  if (file === undefined) return leftOut(context, 'there is no Chromium here (apt-get install chromium)')
  const page = await browser.context.newPage()
  await page.goto(site.addressOf('plain'), { waitUntil: 'load' })
  const downloading = page.waitForEvent('download')
  expect(await page.evaluate(KEEPING)).toStrictEqual({
    n: 0.5,
    isWhole: true,
    isNegative: true,
    rest: [null, 'text'],
    missing: 'loadOpfs: runs/b.safetensors must be a file that can be read, got NotFoundError',
    cut: 'truncated'
  })
  const downloaded = await downloading
  expect(downloaded.suggestedFilename()).toBe('model.safetensors')
  const bytes = readFileSync(await downloaded.path())
  const w = Float32Array.from({ length: 600_000 }, (_, i) => i / 2)
  expect(bytes.equals(save({ n: 0.5, w, rest: [-0, null, 'text', Infinity] }))).toBe(true)
  expect(load(bytes)._tag).toBe('Right')
  await page.close()
})
