import { chain, InvalidTree, ndarray, random, reference, step, type Tree, transient, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { type PcGradOptions, type PcGradState, pcGrad } from './pcGrad.js'

const SIZE = 5
const aVector = fc.array(
  fc
    .oneof(fc.double({ min: -100, max: 100, noNaN: true }), fc.integer({ min: -3, max: 3 }))
    .map((x) => (Math.abs(x) < 1e-6 ? 0 : x)),
  { minLength: SIZE, maxLength: SIZE }
)
const someTasks = fc.array(aVector, { minLength: 1, maxLength: 5 })
type Vector = readonly number[]

const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)
const normOf = (a: Vector): number => Math.sqrt(dot(a, a))

/** Leaves of several forms. */
const leavesOf = ([a = 0, b = 0, c = 0, d = 0, e = 0]: Vector) => ({
  w: new Float64Array([a, b]),
  m: ndarray(new Float64Array([c, d]), [2, 1]),
  n: e
})
const elementsOf = ({ w, m, n }: ReturnType<typeof leavesOf>): Vector => [...w, ...m.data, n]
const params = leavesOf([0, 0, 0, 0, 0])

const emitted = (tasks: readonly Vector[], options: PcGradOptions = {}, state?: PcGradState): Vector => {
  const tx = pcGrad(options)
  const [first, ...others] = tasks.map(leavesOf) as [typeof params, ...(typeof params)[]]
  const run = () => tx.update(first, state ?? tx.init(params), params, { otherGradients: others })[0]
  const fused = elementsOf(run())
  expect(elementsOf(withEngine(reference, run))).toStrictEqual(fused)
  return fused
}

/** Algorithm 1 of the paper, with the orders in which the tasks meet. */
const surgery = (tasks: readonly Vector[], orders: (i: number) => readonly number[]): readonly Vector[] =>
  tasks.map((task, i) => {
    let g = [...task]
    for (const j of orders(i)) {
      const other = tasks[j] as Vector
      const product = dot(g, other)
      if (product < 0) g = g.map((x, k) => x - (product / dot(other, other)) * (other[k] as number))
    }
    return g
  })

const sumOf = (vectors: readonly Vector[]): Vector =>
  Array.from({ length: SIZE }, (_, k) => vectors.reduce((s, v) => s + (v[k] as number), 0))

/** A product next to 0 may be rounded to either side, where the projection is continuous. */
const close = (found: Vector, wanted: Vector, size: number): void =>
  wanted.forEach((x, i) => expect(Math.abs((found[i] as number) - x)).toBeLessThanOrEqual(1e-12 * Math.max(1, size)))

const sizeOf = (tasks: readonly Vector[]): number => tasks.reduce((sum, v) => sum + normOf(v), 0)

describe('pcGrad', () => {
  test('is algorithm 1 of the paper, in the order given', () => {
    fc.assert(
      fc.property(someTasks, (tasks) => {
        const wanted = sumOf(surgery(tasks, (i) => tasks.map((_, j) => j).filter((j) => j !== i)))
        close(emitted(tasks, { reduction: 'sum' }), wanted, sizeOf(tasks))
        close(
          emitted(tasks),
          wanted.map((x) => x / tasks.length),
          sizeOf(tasks)
        )
      })
    )
  })

  test('is algorithm 1 of the paper, in orders that come from the key', () => {
    fc.assert(
      fc.property(someTasks, fc.maxSafeInteger(), (tasks, seed) => {
        const [, now] = random.split(random.key(seed))
        const orders = (i: number) =>
          [...random.permutation(random.foldIn(now, i), tasks.length)].filter((j) => j !== i)
        close(emitted(tasks, { reduction: 'sum', key: seed }), sumOf(surgery(tasks, orders)), sizeOf(tasks))
      })
    )
  })

  test('of two tasks opposes neither, and they may change places', () => {
    fc.assert(
      fc.property(aVector, aVector, (a, b) => {
        const both = emitted([a, b], { reduction: 'sum' })
        for (const task of [a, b]) expect(dot(both, task)).toBeGreaterThanOrEqual(-1e-12 * (1 + sizeOf([a, b]) ** 2))
        close(emitted([b, a], { reduction: 'sum' }), both, sizeOf([a, b]))
      })
    )
  })

  test('is the mean where no two gradients are opposed, bit for bit', () => {
    const dyadic = fc.array(fc.nat(64), { minLength: SIZE, maxLength: SIZE })
    fc.assert(
      fc.property(dyadic, dyadic, (a, b) => {
        expect(emitted([a, b])).toStrictEqual(a.map((x, i) => (x + (b[i] as number)) / 2))
      })
    )
  })

  test('leaves one task alone, and one that is zero changes none', () => {
    fc.assert(
      fc.property(aVector, (a) => {
        expect(emitted([a])).toStrictEqual(a.map((x) => x + 0))
        close(emitted([a, a.map(() => 0)], { reduction: 'sum' }), a, sizeOf([a]))
      })
    )
  })

  test('does not overflow where squares of norms do, nor vanish', () => {
    for (const scale of [2 ** 500, 2 ** -500]) {
      const found = emitted(
        [
          [2 * scale, 0, 0, 0, 0],
          [-scale, scale, 0, 0, 0]
        ],
        { reduction: 'sum' }
      )
      expect(found.map((x) => x / scale)).toStrictEqual(
        emitted(
          [
            [2, 0, 0, 0, 0],
            [-1, 1, 0, 0, 0]
          ],
          { reduction: 'sum' }
        )
      )
    }
  })

  test('uses another order at the next step', () => {
    const tx = pcGrad({ key: 3 })
    const state = tx.init(params)
    const [, next] = tx.update(params, state, params, { otherGradients: [] })
    expect(state).toStrictEqual({ rngKey: random.key(3) })
    expect(next).toStrictEqual({ rngKey: random.split(random.key(3))[0] })
    expect(pcGrad().init(params)).toStrictEqual({ rngKey: null })
  })

  test('keeps the dtypes of the params, and takes gradients of any', () => {
    const like = { half: ndarray([1, 2], [2], 'bfloat16'), single: new Float32Array([1, 0]) }
    const other = { half: ndarray([3, 4], [2]), single: ndarray(new Float64Array([3, 1]), [2]) }
    const tx = pcGrad()
    const [u] = tx.update(like, tx.init(like), like, { otherGradients: [other] })
    expect(u).toStrictEqual({ half: ndarray([2, 3], [2], 'bfloat16'), single: new Float32Array([2, 0.5]) })
  })

  test('makes the same steps in step and in transient', () => {
    const tx = chain(pcGrad({ key: 1 }))
    let now = { w: new Float32Array(1000), v: new Float64Array(3) }
    const task = (x: number) => ({ w: new Float32Array(1000).fill(x), v: new Float64Array([x, -1, 1]) })
    const otherGradients = [task(-1), task(0.5)]
    const run = transient(tx, now)
    let state = tx.init(now)
    for (let i = 0; i < 3; i++) {
      run.step(task(2), { otherGradients })
      ;[now, state] = step(tx, task(2), state, now, { otherGradients })
      expect(run.snapshot()).toStrictEqual({ params: now, state })
    }
    run.dispose()
  })

  test.each<[string, Tree]>([
    ['pcGrad: otherGradients[0].w has shape [3], grads has [2]', { w: new Float32Array(3) }],
    ['pcGrad: otherGradients[0].w has shape [], grads has [2]', { w: 1 }],
    ['pcGrad: otherGradients[0] has no "w", grads has it', { v: new Float32Array(2) }],
    ['pcGrad: otherGradients[0] is 3, grads has an object', 3],
    ['pcGrad: grads.w is a Float32Array, otherGradients[0] has an object', { w: { a: 1 } }]
  ])('refuses: %s', (message, other) => {
    const w = { w: new Float32Array(2) }
    const misuse = () => pcGrad().update(w, { rngKey: null }, w, { otherGradients: [other] })
    expect(misuse).toThrow(InvalidTree)
    expect(misuse).toThrow(message)
  })

  const make = (options: object) => () => pcGrad(options as PcGradOptions)
  refuses([
    ['pcGrad: reduction must be one of "mean", "sum", got "max"', make({ reduction: 'max' })],
    ['pcGrad: key must be a key made by random.key or a whole number, got 0.5', make({ key: 0.5 })],
    ['pcGrad: there is no option seed; there are reduction, key', make({ seed: 1 })],
    [
      'pcGrad: otherGradients must be an array of trees like the params, got undefined',
      // @ts-expect-error -- the gradients of the other tasks are missing
      () => pcGrad().update([1], { rngKey: null }, [1])
    ]
  ])
})
