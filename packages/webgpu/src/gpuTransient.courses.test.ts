// Steps that are recognised, on a device, in the company of what takes other courses.
import {
  type AnyGradientTransformation,
  add,
  chain,
  mul,
  ndarray,
  norm,
  step,
  transformation,
  tree
} from '@gradchain/core'
import { adamw, prodigy, sgd } from '@gradchain/optimizers'
import {
  clipByGlobalNorm,
  injectHyperparams,
  lookahead,
  masked,
  multiSteps,
  partition,
  scale,
  trace
} from '@gradchain/transforms'
import { beforeAll, expect, test } from 'vitest'
import { COPY_DST, COPY_SRC, STORAGE } from './device/usage.js'
import { gpuTransient } from './gpuTransient.js'
import { adapterOrNull, testDevice } from './testing.js'

let device: GPUDevice

beforeAll(async () => {
  if ((await adapterOrNull()) !== null) device = await testDevice()
})

const LENGTHS = [0, 1, 3, 4, 5, 63, 64, 65, 0, 255, 256, 257, 16, 1023]

/** Leaves of many lengths, some empty, in lists and objects; some of them matrices. */
const treeAt = (t: number) => ({
  layers: LENGTHS.map((length, i) => ({
    bias: Float32Array.from({ length }, (_, k) => Math.sin(t + i + k)),
    kernel: ndarray(
      Float32Array.from({ length: 3 * (i % 4) }, (_, k) => Math.cos(2 * t + i + 3 * k)),
      [3, i % 4]
    )
  })),
  last: Float32Array.of(Math.sin(t))
})

type Step = (...given: readonly unknown[]) => readonly [unknown, unknown]
type Run = { readonly step: (grads?: unknown, extra?: unknown) => void; readonly setState: (state: unknown) => void }

const numbersIn = (value: unknown): readonly number[] =>
  tree.leaves(value as never).flatMap((leaf: unknown) => {
    const { data = leaf } = Object(leaf) as { readonly data?: unknown }
    return data instanceof Float32Array ? [...data] : typeof data === 'number' ? [data] : []
  })

const near = (actual: unknown, expected: unknown, tolerance = 2e-5): void => {
  const [found, wanted] = [numbersIn(actual), numbersIn(expected)]
  expect(found.length).toBe(wanted.length)
  const far = wanted.reduce(
    (most, x, i) => Math.max(most, Math.abs(x - (found[i] as number)) / Math.max(1, Math.abs(x))),
    0
  )
  expect(far).toBeLessThan(tolerance)
}

const moving = () =>
  transformation<{ count: number; total: unknown }>({
    init: () => ({ count: 0, total: 0 }),
    update: (updates, { count, total }) => {
      const all = add(total as never, norm((updates as { layers: { bias: never }[] }).layers[1]?.bias as never))
      return [
        tree.map((g) => mul(g as never, count % 2 === 0 ? -0.1 : all), updates) as never,
        { count: count + 1, total: all }
      ]
    }
  })

const kernels = (params: unknown): unknown =>
  tree.map((leaf) => typeof leaf === 'object' && 'shape' in (leaf as object), params as never)

test.each<readonly [string, () => AnyGradientTransformation]>([
  ['a norm', () => chain(clipByGlobalNorm(1), adamw(0.1))],
  ['a mask', () => chain(masked(scale(0.5), kernels as never), adamw(0.1))],
  [
    'parts',
    () =>
      partition({ a: adamw(0.1), b: sgd(0.1) }, ((params: unknown) =>
        tree.map((leaf) => ('shape' in Object(leaf) ? 'a' : 'b'), params as never)) as never)
  ],
  ['accumulation', () => multiSteps(adamw(0.1), 3)],
  ['look-ahead', () => lookahead(sgd(0.1, { momentum: 0.9 }), { syncPeriod: 2, slowStepSize: 0.5 })],
  [
    'hyperparameters',
    () => injectHyperparams(({ learningRate }) => adamw(learningRate), { learningRate: (t: number) => 0.1 / (1 + t) })
  ],
  ['a number of the device, each other step', () => chain(moving(), trace(0.5))],
  ['an estimate', () => prodigy(1)]
])('%s: the steps of `step`, given, written, from buffers, at rest', async (_, make) => {
  const tx = make()
  const run = gpuTransient(tx, treeAt(0), { device })
  let p: unknown = treeAt(0)
  let s = (tx.init as (params: unknown) => unknown)(p)
  const on = run as unknown as Run
  const follow = (grads: unknown): void => {
    ;[p, s] = (step as unknown as Step)(tx, grads, s, p)
  }
  const atRest = (t: number) => ({ ...treeAt(t), last: null })
  const buffers = [0, 1].map(() => device.createBuffer({ size: 2 ** 16, usage: STORAGE | COPY_SRC | COPY_DST }))
  for (let t = 1; t <= 12; t++) {
    const grads = t === 7 ? atRest(t) : treeAt(t)
    if (t % 3 === 2) {
      // Elsewhere, beginning at no multiple of 16 bytes, in one of two buffers.
      const buffer = buffers[t % 2] as GPUBuffer
      let offset = 4 * (t % 5)
      const placed = tree.map((leaf) => {
        const data = (ArrayBuffer.isView(leaf) ? leaf : (leaf as { data: unknown }).data) as Float32Array<ArrayBuffer>
        const place = { buffer, offset }
        if (data.length > 0) device.queue.writeBuffer(buffer, offset, data)
        offset += 4 * data.length + 4
        return place
      }, grads as never)
      on.step(placed)
      follow(grads)
    } else {
      on.step(grads)
      follow(grads)
    }
    if (t % 4 === 0) {
      const again = t % 3 === 2 ? treeAt(t) : grads
      if (t % 3 === 2) on.step(again)
      else on.step()
      follow(again)
    }
    if (t === 9) {
      const { state } = await run.snapshot()
      on.setState(state)
    }
  }
  const { params, state } = await run.snapshot()
  near(params, p)
  near(state, s)
  run.dispose()
  for (const buffer of buffers) buffer.destroy()
})
