import { applyUpdates, chain, ndarray, step, type Tree, transient } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { scale } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { type ScaleByLbfgsOptions, scaleByLbfgs } from './scaleByLbfgs.js'

type Vector = readonly number[]
const dot = (a: Vector, b: Vector): number => a.reduce((total, x, i) => total + x * (b[i] as number), 0)
const minus = (a: Vector, b: Vector): Vector => a.map((x, i) => x - (b[i] as number))

/** A step of a course: where the params are, and the gradient there. */
interface At {
  readonly x: Vector
  readonly g: Vector
}

/** The inverse Hessian written out: γ I, and V ρ s sᵀ Vᵀ for each pair, V = I − ρ y sᵀ; times the last gradient. */
const oracle = (course: readonly At[], memorySize: number, scaleInitPrecond: boolean): Vector => {
  const { g } = course.at(-1) as At
  const pairs = course.slice(1).map((at, i) => {
    const before = course[i] as At
    const [s, y] = [minus(at.x, before.x), minus(at.g, before.g)]
    return { s, y, rho: 1 / dot(y, s) }
  })
  const last = pairs.at(-1)
  const first = Math.min(1, 1 / Math.sqrt(dot(g, g)))
  const gamma = scaleInitPrecond ? (last === undefined ? first : dot(last.y, last.s) / dot(last.y, last.y)) : 1
  let h = g.map((_, i) => g.map((_, j) => (i === j ? gamma : 0)))
  for (const { s, y, rho } of pairs.slice(-memorySize)) {
    const v = s.map((_, i) => s.map((_, j) => (i === j ? 1 : 0) - rho * (y[i] as number) * (s[j] as number)))
    const hv = h.map((row) =>
      v.map((_, j) =>
        dot(
          row,
          v.map((vRow) => vRow[j] as number)
        )
      )
    )
    h = s.map((si, i) =>
      s.map(
        (sj, j) =>
          rho * si * sj +
          dot(
            v.map((row) => row[i] as number),
            hv.map((row) => row[j] as number)
          )
      )
    )
  }
  return h.map((row) => dot(row, g))
}

/** The last update of a course, on params made of a vector. */
const emitted = (
  course: readonly At[],
  options: ScaleByLbfgsOptions,
  made: (vector: Vector) => Tree = (vector) => ({ w: Float64Array.from(vector) })
): Tree => {
  const tx = scaleByLbfgs(options)
  let state = tx.init(made((course[0] as At).x))
  let last: Tree = null
  for (const { x, g } of course) [last, state] = tx.update(made(g), state, made(x))
  return last
}

const numbers = (values: Tree): readonly number[] =>
  tree.leaves(values).flatMap((leaf) => (typeof leaf === 'number' ? [leaf] : [...(leaf as Float64Array)]))

/** Courses on the quadratic with eigenvalues 1 … n along axes that are turned, with steps that are not too short. */
const courses = (most: number): fc.Arbitrary<readonly At[]> =>
  fc
    .array(fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: most })
    .filter((xs) => xs.every((x, i) => i === 0 || minus(x, xs[i - 1] as Vector).some((d) => d !== 0)))
    .map((xs) =>
      xs.map((x) => {
        const mean = (x[0] as number) + (x[1] as number) - (x[2] as number)
        return { x, g: x.map((xi, i) => (i + 1) * xi + (i < 2 ? mean : i === 2 ? -mean : 0)) }
      })
    )

const options = fc.record({ memorySize: fc.integer({ min: 1, max: 5 }), scaleInitPrecond: fc.boolean() })

describe('scaleByLbfgs', () => {
  test('is the inverse Hessian written out times the gradient, wherever the ring begins', () => {
    fc.assert(
      fc.property(courses(9), options, (course, given) => {
        const expected = oracle(course, given.memorySize, given.scaleInitPrecond)
        const found = numbers(emitted(course, given))
        // The matrix is made of products of up to five others.
        expect(distance(found, expected)).toBeLessThan(1e-9 * Math.max(1, ...expected.map(Math.abs)))
      })
    )
  })

  test('on a quadratic, with steps to the least value on the line, it is at the minimum after n of them', () => {
    const hessian = (w: Float64Array): Float64Array =>
      w.map((x, i) => (i + 1) * x + w.reduce((total, other) => total + other, 0))
    const tx = chain(scaleByLbfgs(), scale(-1))
    let params = { w: Float64Array.of(4, -3, 2, 7) }
    let state = tx.init(params)
    for (let t = 0; t < 4; t++) {
      const grad = hessian(params.w)
      const [{ w: u }, next] = tx.update({ w: grad }, state, params)
      const rate = -dot([...grad], [...u]) / dot([...u], [...hessian(u)])
      params = applyUpdates(params, { w: u.map((x) => rate * x) })
      state = next
    }
    expect(Math.max(...params.w.map(Math.abs))).toBeLessThan(1e-12)
  })

  test('does not care how params are cut into leaves, nor in which order they come', () => {
    const cut = ([a, b, c, d]: Vector): Tree => ({
      z: [Float64Array.of(a as number)],
      a: { y: Float64Array.of(b as number, c as number), x: d as number }
    })
    fc.assert(
      fc.property(courses(6), options, (course, given) => {
        const whole = numbers(emitted(course, given))
        const inParts = numbers(emitted(course, given, cut))
        expect(distance(inParts, whole)).toBeLessThan(1e-10 * Math.max(1, ...whole.map(Math.abs)))
      })
    )
  })

  test('powers of two times the loss change nothing from the second step on', () => {
    fc.assert(
      fc.property(courses(6), fc.integer({ min: 0, max: 30 }), (course, power) => {
        fc.pre(course.length > 1)
        const scaled = course.map(({ x, g }) => ({ x, g: g.map((gi) => 2 ** power * gi) }))
        expect(emitted(scaled, {})).toStrictEqual(emitted(course, {}))
      })
    )
  })

  test('the first step is as long as the gradient, and at most 1', () => {
    const first = (g: number, given: ScaleByLbfgsOptions = {}) =>
      numbers(emitted([{ x: [0, 0], g: [3 * g, 4 * g] }], given))
    expect(first(1)).toStrictEqual([3 * (1 / 5), 4 * (1 / 5)])
    expect(first(0.125)).toStrictEqual([0.375, 0.5])
    expect(first(0)).toStrictEqual([0, 0])
    expect(first(2, { scaleInitPrecond: false })).toStrictEqual([6, 8])
  })

  test('keeps pairs in a ring, with the weights of Optax', () => {
    const tx = scaleByLbfgs({ memorySize: 2 })
    let state = tx.init({ w: 0 })
    const kept: unknown[] = []
    for (const w of [1, 2, 4, 8]) {
      state = tx.update({ w: 3 * w }, state, { w })[1]
      kept.push([state.diffParamsMemory.map((s) => (s as { w: number }).w), state.weightsMemory])
    }
    expect(kept).toStrictEqual([
      [
        [0, 0],
        [0, 0]
      ],
      [
        [1, 0],
        [1 / 3, 0]
      ],
      [
        [1, 2],
        [1 / 3, 1 / 12]
      ],
      [
        [4, 2],
        [1 / 48, 1 / 12]
      ]
    ])
    expect(state).toMatchObject({
      count: 4,
      params: { w: 8 },
      updates: { w: 24 },
      diffUpdatesMemory: [{ w: 12 }, { w: 6 }]
    })
  })

  test('where the params did not move, it forgets, and begins anew', () => {
    const tx = scaleByLbfgs()
    let state = tx.init({ w: 0 })
    for (const w of [4, 2]) state = tx.update({ w: 10 * w }, state, { w })[1]
    const [again, after] = tx.update({ w: 20 }, state, { w: 2 })
    expect(again).toStrictEqual({ w: 1 })
    expect(after.weightsMemory).toStrictEqual(Array(10).fill(0))
    expect(tx.update({ w: 10 }, after, { w: 1 })[0]).toStrictEqual({ w: 1 })
  })

  test('a pair without curvature counts for nothing', () => {
    const tx = scaleByLbfgs()
    const [, state] = tx.update({ w: 4 }, tx.init({ w: 0 }), { w: 1 })
    const [flat, next] = tx.update({ w: 4 }, state, { w: 2 })
    expect(flat).toStrictEqual({ w: 4 })
    expect(next.weightsMemory).toStrictEqual(Array(10).fill(0))
  })

  test('arrays of the memory go from state to state', () => {
    const tx = scaleByLbfgs({ memorySize: 3 })
    const params = (x: number) => ({ w: Float64Array.of(x, 2 * x) })
    let state = tx.init(params(1))
    for (const x of [1, 2, 3]) state = tx.update(params(x), state, params(x))[1]
    const next = tx.update(params(5), state, params(5))[1]
    const same = (i: number) =>
      (next.diffParamsMemory[i] as { w: unknown }).w === (state.diffParamsMemory[i] as { w: unknown }).w
    expect([0, 1, 2].map(same)).toStrictEqual([true, true, false])
  })

  test('goes on from a saved state, in step and in place, to the bit', () => {
    const tx = chain(scaleByLbfgs({ memorySize: 3 }), scale(-0.7))
    const gradient = ({ w }: { readonly w: Float32Array }) => ({
      w: w.map((x, i) => x * (i + 1) + Math.fround(0.1) * x * x * x)
    })
    const start = { w: Float32Array.of(3, -1, 2, 0.5) }
    let [params, state] = [start, tx.init(start)]
    let [saved, savedState] = [start, state]
    let run = transient(tx, start)
    for (let t = 0; t < 12; t++) {
      const [updates, next] = tx.update(gradient(saved), structuredClone(savedState), saved)
      ;[saved, savedState] = [applyUpdates(saved, updates), next]
      ;[params, state] = step(tx, gradient(params), state, params)
      run.step(gradient(run.params))
      if (t === 5) {
        const { params: at, state: from } = run.snapshot()
        run.dispose()
        run = transient(tx, at, { state: from })
      }
    }
    const inPlace = run.snapshot()
    run.dispose()
    expect(saved).toStrictEqual(params)
    expect(savedState).toStrictEqual(state)
    expect(inPlace).toStrictEqual({ params, state })
  })

  test('16-bit params have their pairs in float32', () => {
    const tx = scaleByLbfgs({ memorySize: 1 })
    const half = (x: number) => ({ w: ndarray([x], [1], 'bfloat16') })
    const [, state] = tx.update(half(1), tx.init(half(1)), half(1))
    const [updates, next] = tx.update(half(0.5), state, half(0.75))
    expect(next.diffUpdatesMemory).toStrictEqual([{ w: ndarray([-0.5], [1]) }])
    expect(next.diffParamsMemory).toStrictEqual([{ w: ndarray([-0.25], [1]) }])
    expect(updates).toStrictEqual(half(0.25))
  })

  test.each<[string, object]>([
    ['scaleByLbfgs: memorySize must be a whole number ≥ 1, got 0', { memorySize: 0 }],
    ['scaleByLbfgs: memorySize must be a whole number ≥ 1, got 1.5', { memorySize: 1.5 }],
    ['scaleByLbfgs: scaleInitPrecond must be true or false, got 1', { scaleInitPrecond: 1 }],
    ['scaleByLbfgs: there is no option memory; there are memorySize, scaleInitPrecond', { memory: 1 }]
  ])('refuses: %s', (message, given) => {
    expect(() => scaleByLbfgs(given as ScaleByLbfgsOptions)).toThrow(message)
  })
})
