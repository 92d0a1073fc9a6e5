import { applyUpdates, chain, type NdArray, ndarray, random, shapeOf, step, transient } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { describe, expect, test } from 'vitest'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { lookahead } from '../wrappers/lookahead.js'
import { type QuantizedStateOptions, quantizedState, type StateFormat } from './quantizedState.js'

const formats = [
  'dynamic8',
  'dynamic4',
  'e4m3fn',
  'e5m2',
  'bfloat16',
  'float16'
] as const satisfies readonly StateFormat[]
const SIZE = 5000

/** Gradients of a step. */
const noise = (t: number, size = SIZE): Float32Array => random.normal(random.key(t), [size]).data as Float32Array

const bytesOf = (state: unknown): number =>
  tree.leaves<unknown>(state as never).reduce<number>((bytes, leaf) => {
    if (typeof leaf !== 'object' || leaf === null) return bytes + 8
    return bytes + (ArrayBuffer.isView(leaf) ? leaf.byteLength : (leaf as NdArray).data.byteLength)
  }, 0)

interface Task {
  readonly size: number
  readonly gradient: (w: Float32Array, t: number) => Float32Array
  readonly loss: (w: Float32Array) => number
}

const dotted = (x: Float32Array, w: Float32Array): number => x.reduce((sum, a, i) => sum + a * (w[i] as number), 0)
const EXAMPLES = Array.from({ length: 256 }, (_, i) => noise(1000 + i, 300))
/** A linear model of examples, a mini-batch of 16 in each step. */
const linear = (slope: (z: number, i: number) => number, cost: (z: number, i: number) => number) => (): Task => ({
  size: 300,
  gradient: (w, t) => {
    const g = new Float32Array(300)
    for (let k = 0; k < 16; k++) {
      const i = (16 * t + k) % 256
      const x = EXAMPLES[i] as Float32Array
      const s = slope(dotted(x, w), i) / 16
      for (let j = 0; j < 300; j++) g[j] = (g[j] as number) + s * (x[j] as number)
    }
    return g
  },
  loss: (w) => EXAMPLES.reduce((sum, x, i) => sum + cost(dotted(x, w), i), 0) / 256
})
const TRUE = noise(999, 300).map((x) => x / 8)
const targets = EXAMPLES.map((x) => dotted(x, TRUE))
const TASKS: Readonly<Record<string, () => Task>> = {
  'a quadratic with noise': () => ({
    size: 300,
    gradient: (w, t) => {
      const n = EXAMPLES[t % 256] as Float32Array
      return w.map((p, i) => (1 + (i >> 6)) * (p - 0.5) + 0.3 * (n[i] as number))
    },
    loss: (w) => w.reduce((sum, p, i) => sum + (1 + (i >> 6)) * (p - 0.5) ** 2, 0) / 300
  }),
  'least squares': linear(
    (z, i) => z - (targets[i] as number),
    (z, i) => (z - (targets[i] as number)) ** 2
  ),
  'logistic regression': linear(
    (z, i) => 1 / (1 + Math.exp(-z)) - ((targets[i] as number) > 0 ? 1 : 0),
    (z, i) => Math.log1p(Math.exp((targets[i] as number) > 0 ? -z : z))
  )
}

describe('quantizedState', () => {
  test.each([
    ['dynamic8', 0.27],
    ['dynamic4', 0.14],
    ['e4m3fn', 0.27],
    ['e5m2', 0.27],
    ['bfloat16', 0.51],
    ['float16', 0.51]
  ] as const)('%s takes at most %s of the bytes', (format, most) => {
    const params = { w: new Float32Array(4096), m: ndarray(new Float32Array(70 * 70), [70, 70]) }
    const adam = scaleByAdam()
    const ratio = bytesOf(quantizedState(adam, { format }).init(params)) / bytesOf(adam.init(params))
    expect(ratio).toBeLessThanOrEqual(most)
  })

  test('arrays of fewer elements, other shapes, other dtypes, and those left out stay as they are', () => {
    const inner = chain(scaleByAdam(), lookahead(scale(-1), { syncPeriod: 2, slowStepSize: 0.5 }))
    const params = { w: new Float32Array(4096), few: new Float32Array(4095), wide: new Float64Array(5000) }
    const tx = quantizedState(inner, { only: (path) => path.startsWith('[0]') })
    const { innerState } = tx.init(params)
    const [{ mu, nu }] = innerState as unknown as readonly [Record<'mu' | 'nu', typeof params>]
    expect([shapeOf(mu.w), shapeOf(nu.w)]).toStrictEqual([
      [16, 130],
      [16, 130]
    ])
    expect([mu.few, mu.wide].map((x) => x.constructor)).toStrictEqual([Float32Array, Float64Array])
    expect(
      shapeOf((innerState as unknown as readonly [unknown, { slow: typeof params }])[1].slow?.w ?? 0)
    ).toStrictEqual([4096])
  })

  test.each(formats)('%s: step, update and transient have the same bits, on and on', (format) => {
    const options: QuantizedStateOptions =
      format === 'bfloat16' || format === 'float16' ? { format, stochastic: 5 } : { format }
    const tx = chain(quantizedState(scaleByAdam(), options), scale(-0.01))
    const start = { w: noise(100), b: Float32Array.of(1, 2) }
    let [params, state] = [start, tx.init(start)]
    let [other, otherState] = [start, tx.init(start)]
    const run = transient(tx, start)
    for (let t = 0; t < 3; t++) {
      const grads = { w: noise(t), b: Float32Array.of(t, 1) }
      ;[params, state] = step(tx, grads, state, params)
      const [updates, next] = tx.update(grads, otherState, other)
      ;[other, otherState] = [applyUpdates(other, updates), structuredClone(next)]
      run.step(grads)
      expect(other).toStrictEqual(params)
      expect(otherState).toStrictEqual(state)
      expect(run.snapshot()).toStrictEqual({ params, state })
    }
    run.dispose()
  })

  test('each thread has room for what it packs once, and not for every param', () => {
    const params = Array.from({ length: 100 }, (_, t) => noise(t, 300))
    const tx = quantizedState(scaleByAdam(), { atLeast: 0 })
    const [alone, together] = [1, 3].map((threads) => {
      const run = transient(tx, params, { threads })
      run.step(params)
      run.dispose()
      return run.bytes.scratchUsed
    }) as [number, number]
    expect(together - alone).toBeLessThan(2 ** 16)
  })

  test('two threads give the bits of one', async () => {
    const tx = chain(quantizedState(scaleByAdam()), scale(-0.01))
    const params = { w: noise(3, 140_001), v: noise(4, 70_000) }
    const runs = [1, 2].map((threads) => transient(tx, params, { threads }))
    while (!runs.every((run) => (run as unknown as { readonly isReady: boolean }).isReady)) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const snapshots = runs.map((run) => {
      for (let t = 0; t < 3; t++) run.step({ w: noise(t, 140_001), v: noise(t + 9, 70_000) })
      const { params, state } = run.snapshot()
      run.dispose()
      return { params, state }
    })
    expect(snapshots[1]).toStrictEqual(snapshots[0])
  })

  test('what does not change keeps its bits', () => {
    const tx = quantizedState(trace(1))
    const params = { w: noise(1) }
    const none = { w: new Float32Array(SIZE) }
    const [first, state] = tx.update({ w: noise(2) }, tx.init(params), params)
    const [second, next] = tx.update(none, state, params)
    const [third] = tx.update(none, next, params)
    expect(third).toStrictEqual(second)
    expect(next.innerState.trace).toStrictEqual(state.innerState.trace)
    expect(first).not.toStrictEqual(second)
  })

  test('rounded by chance, bfloat16 is right in the mean, where to nearest it stands still', () => {
    const size = 4096
    const params = { w: new Float32Array(size) }
    const grads = { w: new Float32Array(size).fill(1 / 512) }
    const sums = (options: QuantizedStateOptions): number => {
      const tx = quantizedState(trace(1), { format: 'bfloat16', ...options })
      let state = tx.init(params)
      let updates = params
      // Beginning with 1, 128 times a quarter of the last place of bfloat16.
      ;[updates, state] = tx.update({ w: new Float32Array(size).fill(1) }, state, params)
      for (let t = 0; t < 128; t++) [updates, state] = tx.update(grads, state, params)
      return updates.w.reduce((sum, x) => sum + x, 0) / size
    }
    // Each sum is off by a walk of 128 steps of at most half a place of 2⁻⁷: 0.044 in all, and the mean of 4096 by 0.0007. Five of that.
    expect(Math.abs(sums({ stochastic: 3 }) - 1.25)).toBeLessThan(0.0035)
    expect(sums({})).toBe(1 + 1 / 512)
  })

  test.each(Object.entries(TASKS))('Adam with 8 and 4 bits gets as far as with 32: %s', (_name, make) => {
    const { size, gradient, loss } = make()
    const lossAfter = (format: StateFormat | null): number => {
      const adam = scaleByAdam()
      const tx = format === null ? adam : quantizedState(adam, { format, atLeast: 0 })
      let w = new Float32Array(size)
      let state: unknown = tx.init(w)
      for (let t = 0; t < 300; t++) {
        const [u, next] = tx.update(gradient(w, t), state as never, w)
        state = next
        w = w.map((p, i) => p - (0.03 / (1 + t / 30)) * (u[i] as number))
      }
      return loss(w)
    }
    const [start, exact] = [loss(new Float32Array(size)), lossAfter(null)]
    expect(exact).toBeLessThan(start / 2)
    expect(lossAfter('dynamic8')).toBeLessThan(exact + 0.01 * start)
    expect(lossAfter('dynamic4')).toBeLessThan(exact + 0.05 * start)
  })

  test.each([
    [
      { format: 'int8' },
      'quantizedState: format must be one of "dynamic8", "dynamic4", "e4m3fn", "e5m2", "bfloat16", "float16", got "int8"'
    ],
    [{ atLeast: -1 }, 'quantizedState: atLeast must be a whole number ≥ 0, got -1'],
    [{ only: 'w' }, 'quantizedState: only must be a function, got "w"'],
    [{ bits: 8 }, 'quantizedState: there is no option bits'],
    [{ stochastic: 1 }, 'quantizedState: stochastic must go with bfloat16 or float16, got dynamic8'],
    [{ format: 'bfloat16', stochastic: 'x' }, 'quantizedState: stochastic must be']
  ])('refuses %s', (options, message) => {
    expect(() => quantizedState(trace(0.5), options as never)).toThrow(message)
  })

  test('refuses a choice that is none, and a state that is of another format', () => {
    const params = { w: new Float32Array(SIZE) }
    const vague = quantizedState(trace(0.5), { only: () => 1 as never })
    expect(() => vague.init(params)).toThrow("quantizedState: only('.trace.w') must be true or false, got 1")
    const [eight, four] = [quantizedState(trace(0.5)), quantizedState(trace(0.5), { format: 'dynamic4' })]
    expect(() => eight.update(params, four.init(params), params)).toThrow('state.innerState.trace.w has shape')
  })
})
