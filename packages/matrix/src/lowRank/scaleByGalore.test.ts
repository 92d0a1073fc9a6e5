import { ndarray, step, transient } from '@gradchain/core'
import { scale, scaleByAdam, scaleBySign } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  arrayOf,
  type Case,
  dataOf,
  defect,
  distance,
  matrices,
  product,
  sizeOf,
  transpose
} from '../internal/testing.js'
import { galore } from './galore.js'
import { type ScaleByGaloreOptions, scaleByGalore } from './scaleByGalore.js'

const scaled = (t: number, rows: number, columns: number): Case => ({
  rows,
  columns,
  data: Float64Array.from({ length: rows * columns }, (_, k) => Math.cos(t + k * k) + 0.1 * k)
})
const updateOf = (g: Case, options: ScaleByGaloreOptions<ReturnType<typeof scale>>) => {
  const tx = scaleByGalore({ baseOptimizer: scale(1), ...options })
  const params = { w: arrayOf(g) }
  return tx.update({ w: arrayOf(g) }, tx.init(params), params)
}
const small = matrices.filter(({ data }) => sizeOf(data) < 1e200)

test.each(['long', 'short', 'left', 'right', 'full'] as const)(
  'with the full rank and plain descent it is the identity: %s',
  (projection) => {
    fc.assert(
      fc.property(small, (g) => {
        const least = Math.min(g.rows, g.columns)
        // A long side in as many directions as the short one has loses nothing: a gradient has no more.
        const [u] = updateOf(g, { rank: least, projection })
        expect(distance(u.w.data, g.data)).toBeLessThan(1e-13 * sizeOf(g.data) * (g.rows + g.columns))
      }),
      { numRuns: 20 }
    )
  }
)

test.each([
  ['long', 6, 4, [6, 2], 0],
  ['long', 4, 6, 0, [6, 2]],
  ['short', 6, 4, 0, [4, 2]],
  ['short', 4, 6, [4, 2], 0],
  ['left', 4, 6, [4, 2], 0],
  ['right', 6, 4, 0, [4, 2]],
  ['full', 6, 4, [6, 2], [4, 2]]
] as const)('%s of a %i × %i matrix keeps directions %j and %j', (projection, rows, columns, left, right) => {
  const [, state] = updateOf(scaled(1, rows, columns), { rank: 2, projection })
  const shapeOf = (x: unknown) => (typeof x === 'number' ? x : (x as { readonly shape: readonly number[] }).shape)
  expect(shapeOf((state.left as { w: unknown }).w)).toStrictEqual(left)
  expect(shapeOf((state.right as { w: unknown }).w)).toStrictEqual(right)
})

describe('along a trajectory', () => {
  const tx = scaleByGalore({ rank: 2, updateProjGap: 2 })
  const params = { w: arrayOf(scaled(0, 5, 3)), b: new Float64Array(3), c: 2 }
  const grads = (t: number) => ({ w: arrayOf(scaled(t, 5, 3)), b: Float64Array.of(t, -1, 2), c: Math.sin(t) })
  const states = [tx.init(params)]
  const updates = [1, 2, 3, 4].map((t) => {
    const [u, next] = tx.update(grads(t), states.at(-1) as (typeof states)[0], params)
    states.push(next)
    return u
  })
  const directions = states.map(({ left }) => dataOf((left as { w: never }).w))

  test('directions are orthonormal, chosen at the first step and after the gap, and stay in between', () => {
    expect(defect(directions[1] as Float64Array, 5, 2)).toBeLessThan(1e-14)
    expect(Array.from(directions[2] as Float64Array)).toStrictEqual(Array.from(directions[1] as Float64Array))
    expect(distance(directions[3] as Float64Array, directions[1] as Float64Array)).toBeGreaterThan(1e-3)
    expect(defect(directions[3] as Float64Array, 5, 2)).toBeLessThan(1e-14)
  })

  test('updates do not leave the directions', () => {
    updates.forEach((u, i) => {
      const p = directions[i + 1] as Float64Array
      const inside = product(p, product(transpose(p, 5, 2), u.w.data as Float64Array, 2, 5, 3), 5, 2, 3)
      expect(distance(inside, u.w.data as Float64Array)).toBeLessThan(1e-14)
    })
  })

  test('new directions point along the old ones', () => {
    const [before, after] = [directions[1] as Float64Array, directions[3] as Float64Array]
    for (const j of [0, 1]) {
      let along = 0
      for (let i = 0; i < 5; i++) along += (before[i * 2 + j] as number) * (after[i * 2 + j] as number)
      expect(along).toBeGreaterThanOrEqual(0)
    }
  })

  test('a leaf that is no matrix goes through the base alone, without the factor', () => {
    const half = scaleByGalore({ rank: 2, scale: 0.5 })
    const [u] = half.update(grads(1), half.init(params), params)
    const adam = scaleByAdam()
    const [v] = adam.update(grads(1), adam.init(params), params)
    expect([...u.b, u.c]).toStrictEqual([...v.b, v.c])
  })

  test('runs resident, with the same bits', () => {
    const run = transient(galore(0.1, { rank: 2, updateProjGap: 2 }), params)
    const optimizer = galore(0.1, { rank: 2, updateProjGap: 2 })
    let [now, state] = [params, optimizer.init(params)]
    for (const t of [1, 2, 3]) {
      run.step(grads(t))
      ;[now, state] = step(optimizer, grads(t), state, now)
    }
    expect(Array.from(run.params.w.data)).toStrictEqual(Array.from(now.w.data))
    run.dispose()
  })
})

test('each matrix of a stack has directions of its own', () => {
  const [a, b] = [scaled(1, 3, 2), scaled(2, 3, 2)]
  const stack = { w: ndarray(Float64Array.of(...a.data, ...b.data), [2, 3, 2]) }
  const options = { rank: 1, scale: 1, baseOptimizer: scaleBySign() }
  const tx = scaleByGalore({ ...options, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } })
  const [u] = tx.update(stack, tx.init(stack), stack)
  const alone = [a, b].flatMap((g) => {
    const one = scaleByGalore(options)
    const [v] = one.update({ w: arrayOf(g) }, one.init({ w: arrayOf(g) }), { w: arrayOf(g) })
    return Array.from(v.w.data)
  })
  expect(Array.from(u.w.data)).toStrictEqual(alone)
})

test('zeros stay zeros, and a NaN at a refresh lasts until the next', () => {
  const tx = scaleByGalore({ rank: 1, updateProjGap: 2, baseOptimizer: scale(1) })
  const params = { w: arrayOf(scaled(0, 3, 2)) }
  const zero = { w: ndarray(new Float64Array(6), [3, 2]) }
  const [u] = tx.update(zero, tx.init(params), params)
  expect(Array.from(u.w.data).every((x) => x === 0)).toBe(true)
  const bad = { w: ndarray(Float64Array.of(NaN, 1, 2, 3, 4, 5), [3, 2]) }
  const good = { w: arrayOf(scaled(1, 3, 2)) }
  let state = tx.init(params)
  const finite = [bad, good, good].map((g) => {
    const [v, next] = tx.update(g, state, params)
    state = next
    return Array.from(v.w.data).every(Number.isFinite)
  })
  expect(finite).toStrictEqual([false, false, true])
})

test.each([
  [{ rank: 0 }, 'scaleByGalore: rank must be a whole number ≥ 1, got 0'],
  [{ updateProjGap: 1.5 }, 'scaleByGalore: updateProjGap must be a whole number ≥ 1, got 1.5'],
  [{ scale: NaN }, 'scaleByGalore: scale must be a finite number, got NaN'],
  [{ projection: 'std' as 'full' }, 'scaleByGalore: projection must be one of "long", "short"'],
  [{ baseOptimizer: 3 as never }, 'scaleByGalore: a transformation must be a pair']
])('refuses %j', (options, message) => {
  expect(() => scaleByGalore(options)).toThrow(message)
  expect(() => galore(0.1, options)).toThrow(message)
})
