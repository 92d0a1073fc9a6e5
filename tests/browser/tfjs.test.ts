// A real browser: models of TensorFlow.js trained on its backends on a graphics device, beside its cpu backend. Our packages are the packed ones.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
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

/** What training came to on a backend; `null` where the browser has it not. */
interface Trained {
  readonly weights: readonly number[]
  readonly losses: readonly number[]
  /** How many tensors there were after each step, and after all was disposed. */
  readonly counts: readonly number[]
  readonly left: number
  /** How often a step waited for values of the device. */
  readonly reads: number
}

/** The same model, trained by some optimizers on each backend. */
const PROGRAM = `
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-webgpu'
import { adamw, chain, clipByGlobalNorm, cosineDecaySchedule, lion, rmsprop } from 'gradchain'
import { toTfjsOptimizer } from '@gradchain/tfjs'

const optimizers = {
  adamw: () => chain(clipByGlobalNorm(1), adamw(cosineDecaySchedule({ initValue: 0.05, decaySteps: 12 }))),
  lion: () => lion(0.01),
  rmsprop: () => rmsprop(0.01, { momentum: 0.9 })
}
const STEPS = 8

const valuesAt = (length, phase) => Float32Array.from({ length }, (_, i) => Math.sin(1.3 * i + phase))

const modelWith = (optimizer) => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [3], units: 5, activation: 'tanh' }),
      tf.layers.dense({ units: 2 })
    ]
  })
  const weights = model.getWeights().map(({ shape, size }, i) => tf.tensor(valuesAt(size, i), shape))
  model.setWeights(weights)
  tf.dispose(weights)
  model.compile({ optimizer, loss: 'meanSquaredError' })
  return model
}

/** Weights after some steps, by how many tensors there are more after each, and how often one waited for values of a device. */
const trained = async (backend, make) => {
  if (!(await tf.setBackend(backend))) return null
  const optimizer = toTfjsOptimizer(make())
  const model = modelWith(optimizer)
  const [x, y] = [tf.tensor2d(valuesAt(12, 7), [4, 3]), tf.tensor2d(valuesAt(8, 9), [4, 2])]
  const { readSync } = tf.backend()
  let reads = 0
  tf.backend().readSync = function (id) {
    const kept = (this.tensorMap ?? this.texData ?? this.data).get(id)
    if (kept.values == null) reads += 1
    return readSync.call(this, id)
  }
  const losses = []
  const counts = []
  for (let i = 0; i < STEPS; i++) {
    const loss = tf.tidy(() => optimizer.minimize(() => tf.losses.meanSquaredError(y, model.apply(x)), true, weightsOf(model)))
    losses.push((await loss.data())[0])
    loss.dispose()
    counts.push(tf.memory().numTensors)
  }
  tf.backend().readSync = readSync
  const weights = await Promise.all(weightsOf(model).map(async (weight) => [...(await weight.data())]))
  tf.dispose([x, y])
  model.dispose()
  optimizer.dispose()
  return { weights: weights.flat(), losses, counts, reads, left: tf.memory().numTensors }
}

const weightsOf = (model) => model.trainableWeights.map((weight) => weight.val)

const all = async () => {
  await tf.ready()
  const found = {}
  for (const [name, make] of Object.entries(optimizers)) {
    found[name] = {}
    for (const backend of ['cpu', 'webgl', 'webgpu']) found[name][backend] = await trained(backend, make)
  }
  return found
}
globalThis.trained = all()
`

/** One TensorFlow.js for all who import it, and our packages as a user has them. */
const resolved: Plugin = {
  name: 'resolved',
  setup: (bundle) => {
    const here = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json'))
    bundle.onResolve({ filter: /^(gradchain$|@gradchain\/|@tensorflow\/tfjs-core$)/ }, ({ path, kind, pluginData }) => {
      if (pluginData === 'asked') return undefined
      const resolveDir = path.startsWith('@tensorflow') ? here : home
      return bundle.resolve(path, { kind, resolveDir, pluginData: 'asked' })
    })
  }
}

test('models are trained on webgl and webgpu as on cpu: nothing is leaked there, and nothing waited for', async (context) => {
  if (file === undefined) return leftOut(context, 'there is no Chromium here (apt-get install chromium)')
  const visited = await browser.context.newPage()
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: import.meta.dirname },
    ...{ bundle: true, format: 'esm', logLevel: 'error', platform: 'browser', write: false },
    plugins: [resolved]
  })
  await visited.goto(site.addressOf('plain'), { waitUntil: 'load' })
  await visited.addScriptTag({ type: 'module', content: outputFiles.map(({ text }) => text).join('') })
  await visited.waitForFunction(() => 'trained' in globalThis)
  const found = await visited.evaluate(
    () => (globalThis as unknown as { trained: Promise<Record<string, Record<string, Trained | null>>> }).trained
  )
  await visited.close()
  expect(Object.keys(found)).toStrictEqual(['adamw', 'lion', 'rmsprop'])
  for (const { cpu, ...others } of Object.values(found)) {
    for (const trained of Object.values(others)) {
      const { weights, losses, counts, left, reads } = trained as Trained
      const distances = weights.map((x, i) => Math.abs(x - (cpu?.weights[i] as number)))
      // Weights are of about 1: a few roundings of float32.
      expect(Math.max(...distances)).toBeLessThan(1e-6)
      expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2)
      expect(new Set(counts).size).toBe(1)
      expect([left, reads]).toStrictEqual([0, 0])
    }
  }
})
