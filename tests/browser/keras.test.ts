// A model of Keras read in a page: a user's bundler brings along the worker of `@gradchain/checkpoint/keras`, and h5wasm in it. The packages are the packed ones.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeKerasWeights } from '@gradchain/checkpoint/keras'
import { build as bundledByEsbuild } from 'esbuild'
import type { Page } from 'playwright-core'
// An old one that is still in use: what it makes of a worker, those after it make as well.
import { build as bundledByVite } from 'vite'
import { afterAll, beforeAll, expect, inject, type TestContext, test } from 'vitest'
import { root } from '../docs/files.js'
import { leftOut } from '../packed/leftOut.js'
import { installedChromium, launch } from './chromium.js'
import { type Site, serve } from './server.js'

const { home } = inject('packed')
const file = installedChromium()
const model = readFileSync(join(root, 'packages/checkpoint/fixtures/keras/small.keras'))
const folder = join(home, 'keras')

let site: Site
let browser: Awaited<ReturnType<typeof launch>>

/** What a page reads out of the bytes that it is given, as a text; or what it throws. */
const PROGRAM = `
import { decodeKerasWeights } from '@gradchain/checkpoint/keras'

const plain = (_, value) =>
  typeof value === 'bigint' ? value + 'n' : ArrayBuffer.isView(value) ? Array.from(value, String) : value
globalThis.reads = (bytes, options) =>
  decodeKerasWeights(Uint8Array.from(bytes), options).then(
    (found) => (found._tag === 'Left' ? found.left.message : JSON.stringify(found.right, plain)),
    (error) => 'thrown: ' + error.message
  )
`

const plain = (_: string, value: unknown): unknown =>
  typeof value === 'bigint'
    ? `${value}n`
    : ArrayBuffer.isView(value)
      ? Array.from(value as unknown as ArrayLike<number>, String)
      : value

beforeAll(async () => {
  if (file === undefined) return
  const installed = join(home, 'node_modules/h5wasm')
  if (!existsSync(installed)) symlinkSync(join(root, 'tests/node_modules/h5wasm'), installed, 'junction')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'main.js'), PROGRAM)
  site = await serve(home)
  browser = await launch(file)
})

afterAll(async () => {
  site?.close()
  await browser?.end()
})

const opened = async (context: TestContext, address: string): Promise<Page> => {
  if (file === undefined) return leftOut(context, 'there is no Chromium here (apt-get install chromium)')
  const page = await browser.context.newPage()
  await page.goto(site.addressOf('plain'), { waitUntil: 'load' })
  await page.addScriptTag({ type: 'module', url: address })
  await page.waitForFunction(() => 'reads' in globalThis)
  return page
}

const read = (page: Page, bytes: Uint8Array, options: { readonly timeLimit?: number } = {}): Promise<string> =>
  page.evaluate(
    ([given, chosen]) =>
      (globalThis as unknown as { reads: (bytes: readonly number[], options: object) => Promise<string> }).reads(
        given,
        chosen
      ),
    [[...bytes], options] as const
  )

test('Vite, as it is, brings the worker along: a page reads of a .keras file what Node reads', async (context) => {
  if (file !== undefined)
    await bundledByVite({
      root: folder,
      configFile: false,
      base: './',
      logLevel: 'error',
      build: {
        outDir: join(folder, 'dist'),
        minify: false,
        rollupOptions: { input: join(folder, 'main.js'), output: { entryFileNames: 'main.js' } }
      }
    })
  const page = await opened(context, '/keras/dist/main.js')
  const here = await decodeKerasWeights(model)
  expect(here._tag).toBe('Right')
  expect(await read(page, model)).toBe(JSON.stringify(here._tag === 'Right' && here.right, plain))
  // A file that is damaged, then a whole one: by the same worker, or by another.
  const damaged = Uint8Array.from(model)
  damaged.fill(0xff, 200, model.length - 2000)
  expect(await read(page, damaged)).toMatch(/^decodeKerasWeights: /)
  expect(await read(page, model.subarray(0, 9000))).toMatch(/^decodeKerasWeights: /)
  expect(await read(page, model)).toMatch(/^\{"layers":\{"dense":/)
  await page.close()
})

test('a bundle without the worker says that it is missing', async (context) => {
  await bundledByEsbuild({
    entryPoints: [join(folder, 'main.js')],
    outfile: join(folder, 'alone/main.js'),
    ...{ bundle: true, format: 'esm', logLevel: 'error', platform: 'browser' }
  })
  const page = await opened(context, '/keras/alone/main.js')
  expect(await read(page, model)).toBe(
    'thrown: decodeKerasWeights: the worker that reads HDF5 by h5wasm must be there, got its file cannot be loaded'
  )
  await page.close()
})
