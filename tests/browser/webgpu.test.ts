// A real browser with WebGPU, on SwiftShader: the example's page, and optimizers beside `step`, from the packed packages.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, inject, type TestContext, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import { leftOut } from '../packed/leftOut.js'
import { installedChromium, launch } from './chromium.js'
import { type Site, serve } from './server.js'

const { home } = inject('packed')
const file = installedChromium()

let site: Site
let browser: Awaited<ReturnType<typeof launch>>

beforeAll(async () => {
  if (file === undefined) return
  site = await serve(home)
  browser = await launch(file, ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'])
})

afterAll(async () => {
  site?.close()
  await browser?.end()
})

const page = (context: TestContext) => {
  if (file === undefined) return leftOut(context, 'there is no Chromium here (apt-get install chromium)')
  return browser.context.newPage()
}

/** How far 20 steps of some optimizers are from `step`, in a page. */
const PROGRAM = `
import { adamw, chain, clipByGlobalNorm, lion, ndarray, prodigy, rmsprop, step } from 'gradchain'
import { gpuDevice, gpuTransient } from '@gradchain/webgpu'

const treeAt = (t) => ({
  kernel: ndarray(Float32Array.from({ length: 12 }, (_, i) => Math.sin(1.7 * t + 2.3 * i)), [3, 4]),
  bias: Float32Array.from({ length: 5 }, (_, i) => Math.cos(t + i))
})
const optimizers = { adamw: chain(clipByGlobalNorm(1), adamw(0.1)), lion: lion(0.01), prodigy: prodigy(1), rmsprop: rmsprop(0.1) }
const distances = async () => {
  const device = await gpuDevice()
  const found = {}
  for (const [name, optimizer] of Object.entries(optimizers)) {
    const run = gpuTransient(optimizer, treeAt(0), { device })
    let params = treeAt(0)
    let state = optimizer.init(params)
    for (let t = 1; t <= 20; t++) {
      run.step(treeAt(t))
      ;[params, state] = step(optimizer, treeAt(t), state, params)
    }
    const { params: own } = await run.snapshot()
    const all = (tree) => [...tree.kernel.data, ...tree.bias]
    const wanted = all(params)
    found[name] = Math.max(...all(own).map((x, i) => Math.abs(x - wanted[i])))
    run.dispose()
  }
  return found
}
globalThis.distances = distances()
`

test('steps on WebGPU are those of `step`, in a page', async (context) => {
  const visited = await page(context)
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: home },
    ...{ bundle: true, format: 'esm', logLevel: 'error', platform: 'browser', write: false }
  })
  await visited.goto(site.addressOf('plain'), { waitUntil: 'load' })
  await visited.addScriptTag({ type: 'module', content: outputFiles.map(({ text }) => text).join('') })
  await visited.waitForFunction(() => 'distances' in globalThis)
  const found = await visited.evaluate(
    () => (globalThis as unknown as { distances: Promise<Record<string, number>> }).distances
  )
  await visited.close()
  expect(Object.keys(found)).toStrictEqual(['adamw', 'lion', 'prodigy', 'rmsprop'])
  for (const distance of Object.values(found)) expect(distance).toBeLessThan(1e-5)
})

test('the page of the example learns to read digits, and draws its losses', async (context) => {
  const visited = await page(context)
  const server = spawn(process.execPath, [join(root, 'examples/webgpu/dist/main.js'), '--port', '0'])
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    await visited.goto(line.replace('open ', ''), { waitUntil: 'load' })
    await visited.waitForFunction(
      () => /accuracy|Error|Invalid/.test(document.querySelector('pre')?.textContent ?? ''),
      null,
      {
        timeout: 240_000
      }
    )
    const text = await visited.evaluate(() => document.querySelector('pre')?.textContent ?? '')
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^accuracy 0\.9\d\d$/)
    const painted = await visited.evaluate(() => {
      const canvas = document.querySelector('canvas') as HTMLCanvasElement
      const pen = canvas.getContext('2d') as CanvasRenderingContext2D
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value) => value > 0)
    })
    expect(painted).toBe(true)
  } finally {
    server.kill()
    await visited.close()
  }
})
