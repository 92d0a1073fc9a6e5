import { type GradientTransformation, ndarray, reference, transient, withEngine } from '@gradchain/core'
import { scaleByAdam } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { distance, product, transpose } from '../internal/testing.js'
import { apollo } from './apollo.js'
import { type ScaleByApolloOptions, scaleByApollo } from './scaleByApollo.js'
import { scaleByGalore } from './scaleByGalore.js'

const numbers = (t: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => Math.cos(3 * t + k * k) + 0.1 * k)
const size = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1)
const emitted = <S>(
  tx: GradientTransformation<S>,
  shape: readonly number[],
  steps: number,
  gradientAt = (t: number) => numbers(t, size(shape))
) => {
  const params = { w: ndarray(new Float64Array(size(shape)), shape) }
  let state = tx.init(params)
  const updates: Float64Array[] = []
  const states: S[] = []
  for (let t = 1; t <= steps; t++) {
    const [u, next] = tx.update({ w: ndarray(gradientAt(t), shape) }, state, params)
    updates.push(u.w.data as Float64Array)
    state = next
    states.push(next)
  }
  return { updates, states }
}
type Kept = { readonly w: { readonly data: Float64Array; readonly shape: readonly number[] } }
const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))
/** The norms of the columns of a matrix. */
const lengths = (x: Float64Array, m: number, n: number): readonly number[] =>
  Array.from({ length: n }, (_, j) => Math.hypot(...Array.from({ length: m }, (_x, i) => x[i * n + j] as number)))

/** APOLLO of a matrix of m < n with known directions, written down again. */
const apolloOf = (
  p: Float64Array,
  m: number,
  n: number,
  r: number,
  steps: number,
  options: Partial<ScaleByApolloOptions>
) => {
  const { scaleType = 'channel', scale = 1, maxGrowth = 1.01 } = options
  let mean: Float64Array = new Float64Array(r * n)
  let v: Float64Array = new Float64Array(r * n)
  let before = 0
  return Array.from({ length: steps }, (_, i) => {
    const [t, g] = [i + 1, numbers(i + 1, m * n)]
    const small = product(transpose(p, m, r), g, r, m, n)
    mean = mean.map((x, k) => 0.9 * x + 0.1 * (small[k] as number))
    v = v.map((x, k) => 0.999 * x + 0.001 * (small[k] as number) ** 2)
    const adam = mean.map((x, k) => x / (1 - 0.9 ** t) / (Math.sqrt((v[k] as number) / (1 - 0.999 ** t)) + 1e-6))
    const [own, wanted] = [lengths(small, r, n), lengths(adam, r, n)]
    const whole = Math.hypot(...adam) / (Math.hypot(...small) + 1e-8)
    let u = g.map(
      (x, k) => x * (scaleType === 'tensor' ? whole : (wanted[k % n] as number) / ((own[k % n] as number) + 1e-8))
    )
    const norm = Math.hypot(...u)
    const limit = before > 0 ? maxGrowth / Math.max(norm / (before + 1e-8), maxGrowth) : 1
    before = norm * limit
    u = u.map((x) => scale * x * limit)
    return u
  })
}

test.each<Partial<ScaleByApolloOptions>>([
  { rank: 2 },
  { rank: 1, scaleType: 'tensor', scale: 3 },
  { rank: 2, projection: 'svd', maxGrowth: 1.5 }
])('does what its definition says, with the directions in its state: %j', (options) => {
  const { updates, states } = emitted(scaleByApollo({ key: 1, ...options }), [3, 5], 6)
  const [after] = states
  const { data } = (after?.projector as Kept | undefined)?.w ?? { data: new Float64Array(0) }
  expect(furthest(updates, apolloOf(data, 3, 5, options.rank as number, 6, options))).toBeLessThan(1e-11)
})

test('a tall matrix does what its transpose does, with the directions of singular vectors', () => {
  const tx = scaleByApollo({ key: 0, rank: 2, projection: 'svd' })
  const { updates } = emitted(tx, [3, 5], 5)
  const turned = emitted(tx, [5, 3], 5, (t) => transpose(numbers(t, 15), 3, 5)).updates
  expect(
    furthest(
      updates.map((u) => transpose(u, 3, 5)),
      turned
    )
  ).toBeLessThan(1e-9)
})

describe('with the full rank of orthonormal directions', () => {
  const galore = scaleByGalore({ rank: 3, projection: 'short', baseOptimizer: scaleByAdam({ eps: 1e-6 }) })
  const theirs = emitted(galore, [3, 5], 5).updates

  test('a column is as long as that of GaLore’s update', () => {
    const { updates } = emitted(scaleByApollo({ key: 0, rank: 9, projection: 'svd', maxGrowth: 1e9 }), [3, 5], 5)
    updates.forEach((u, i) =>
      expect(distance(lengths(u, 3, 5), lengths(theirs[i] as Float64Array, 3, 5))).toBeLessThan(1e-6)
    )
  })

  test('or the whole of it', () => {
    const tx = scaleByApollo({ key: 0, rank: 9, projection: 'svd', maxGrowth: 1e9, scaleType: 'tensor' })
    emitted(tx, [3, 5], 5).updates.forEach((u, i) =>
      expect(Math.hypot(...u)).toBeCloseTo(Math.hypot(...(theirs[i] as Float64Array)), 6)
    )
  })
})

test('each column is a multiple of that of the gradient, and the norm grows no faster than is said', () => {
  const { updates } = emitted(scaleByApollo({ key: 2, rank: 2, maxGrowth: 1.1 }), [3, 5], 6, (t) =>
    numbers(t, 15).map((x) => x * t * t)
  )
  updates.forEach((u, i) => {
    const g = numbers(i + 1, 15)
    for (let k = 0; k < 15; k++)
      expect((u[k] as number) * (g[k % 5] as number)).toBeCloseTo((u[k % 5] as number) * (g[k] as number), 10)
    if (i > 0) expect(Math.hypot(...u) / Math.hypot(...(updates[i - 1] as Float64Array))).toBeLessThan(1.1 + 1e-9)
  })
})

test('directions are drawn with a variance of 1 / r, stay in between, and go by the key', () => {
  const drawn = (key: number) =>
    emitted(scaleByApollo({ key, rank: 20, updateProjGap: 2 }), [60, 70], 3).states.map(
      ({ projector }) => (projector as Kept).w.data
    )
  const [first, second, third] = drawn(3) as [Float64Array, Float64Array, Float64Array]
  const variance = first.reduce((total, x) => total + x * x, 0) / first.length
  expect(variance * 20).toBeGreaterThan(0.8)
  expect(variance * 20).toBeLessThan(1.2)
  expect(distance(first, second)).toBe(0)
  expect(distance(first, third)).toBeGreaterThan(0.1)
  expect(distance(first, drawn(3)[0] as Float64Array)).toBe(0)
  expect(distance(first, drawn(4)[0] as Float64Array)).toBeGreaterThan(0.1)
})

test('a leaf that is no matrix goes through Adam, and each matrix of a stack has a limit of its own', () => {
  const adam = scaleByAdam({ eps: 1e-6 })
  expect(furthest(emitted(scaleByApollo({ key: 0 }), [5], 3).updates, emitted(adam, [5], 3).updates)).toBe(0)
  const stacked = { weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } }
  const svd = { key: 0, rank: 2, projection: 'svd' } as const
  const { updates } = emitted(scaleByApollo({ ...svd, ...stacked }), [2, 3, 4], 4)
  for (const from of [0, 12]) {
    const alone = emitted(scaleByApollo(svd), [3, 4], 4, (t) => numbers(t, 24).slice(from, from + 12)).updates
    expect(
      furthest(
        updates.map((u) => u.slice(from, from + 12)),
        alone
      )
    ).toBeLessThan(1e-12)
  }
})

test('zeros stay zeros, and a NaN stays', () => {
  const tx = scaleByApollo({ key: 0, rank: 1 })
  expect(emitted(tx, [3, 2], 2, () => new Float64Array(6)).updates.every((u) => u.every((x) => x === 0))).toBe(true)
  const bad = emitted(tx, [2, 2], 3, (t) => (t === 2 ? Float64Array.of(NaN, 1, 2, 3) : numbers(t, 4))).updates
  expect(bad.map((u) => u.every(Number.isFinite))).toStrictEqual([true, false, false])
})

test('both engines, and resident: the same bits', () => {
  const tx = scaleByApollo({ key: 1, rank: 2, updateProjGap: 2 })
  const float32 = (t: number) => ({ w: ndarray(Float32Array.from(numbers(t, 12)), [4, 3]) })
  const run = (): readonly number[] => {
    let state = tx.init(float32(0))
    let last: Float32Array = new Float32Array(0)
    for (let t = 1; t < 5; t++) {
      const [u, next] = tx.update(float32(t), state, float32(0))
      state = next
      last = u.w.data as Float32Array
    }
    return Array.from(last)
  }
  expect(withEngine(reference, run)).toStrictEqual(run())
  const resident = transient(tx, { w: ndarray(new Float32Array(12), [4, 3]) })
  for (let t = 1; t < 5; t++) {
    resident.params.w.data.fill(0)
    resident.step(float32(t))
  }
  expect(Array.from(resident.params.w.data)).toStrictEqual(run())
  resident.dispose()
})

test.each<readonly [Partial<ScaleByApolloOptions>, string]>([
  [{ key: 1.5 }, 'scaleByApollo: key must be'],
  [{ rank: 0 }, 'scaleByApollo: rank must be a whole number ≥ 1, got 0'],
  [{ scaleType: 'row' as 'tensor' }, 'scaleByApollo: scaleType must be one of "channel", "tensor", got "row"'],
  [{ scale: 0 }, 'scaleByApollo: scale must be a finite number > 0, got 0'],
  [{ projection: 'qr' as 'svd' }, 'scaleByApollo: projection must be one of "random", "svd", got "qr"'],
  [{ b2: 1 }, 'scaleByApollo: b2 must be in [0, 1), got 1']
])('refuses %j', (options, message) => {
  expect(() => scaleByApollo({ key: 0, ...options })).toThrow(message)
  expect(() => apollo(0.1, { key: 0, ...options })).toThrow(message)
})
