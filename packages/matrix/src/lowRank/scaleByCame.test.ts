import { type GradientTransformation, ndarray } from '@gradchain/core'
import { expect, test } from 'vitest'
import { distance, transpose } from '../internal/testing.js'
import { came } from './came.js'
import { scaleByCame } from './scaleByCame.js'

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
  for (let t = 1; t <= steps; t++) {
    const [u, next] = tx.update({ w: ndarray(gradientAt(t), shape) }, state, params)
    updates.push(u.w.data as Float64Array)
    state = next
  }
  return { updates, state }
}

/** The reference for one matrix of m rows and n columns, or for a vector when m is 0. */
const cameOf = (m: number, n: number, steps: number, clip = 1): readonly Float64Array[] => {
  const [b1, b2, b3, eps1, eps2] = [0.9, 0.999, 0.9999, 1e-30, 1e-16]
  const isMatrix = m > 0
  const count = isMatrix ? m * n : n
  const state = {
    r: new Float64Array(m),
    c: new Float64Array(n),
    v: new Float64Array(count),
    R: new Float64Array(m),
    C: new Float64Array(n)
  }
  let mean: Float64Array = new Float64Array(count)
  const gather = (squares: Float64Array, rows: Float64Array, columns: Float64Array, decay: number): void => {
    for (let i = 0; i < m; i++) {
      let s = 0
      for (let j = 0; j < n; j++) s += squares[i * n + j] as number
      rows[i] = decay * (rows[i] as number) + ((1 - decay) * s) / n
    }
    for (let j = 0; j < n; j++) {
      let s = 0
      for (let i = 0; i < m; i++) s += squares[i * n + j] as number
      columns[j] = decay * (columns[j] as number) + ((1 - decay) * s) / m
    }
  }
  const approximated = (rows: Float64Array, columns: Float64Array, k: number): number => {
    const average = rows.reduce((total, x) => total + x, 0) / m
    return ((rows[Math.floor(k / n)] as number) / average) * (columns[k % n] as number)
  }
  return Array.from({ length: steps }, (_, i) => {
    const g = numbers(i + 1, count)
    const squares = g.map((x) => x * x + eps1)
    gather(squares, state.r, state.c, b2)
    state.v = state.v.map((x, k) => b2 * x + (1 - b2) * (squares[k] as number))
    let u = g.map((x, k) => x / Math.sqrt(isMatrix ? approximated(state.r, state.c, k) : (state.v[k] as number)))
    const rms = Math.hypot(...u) / Math.sqrt(count)
    u = u.map((x) => x / Math.max(1, rms / clip))
    mean = mean.map((x, k) => b1 * x + (1 - b1) * (u[k] as number))
    gather(
      u.map((x, k) => (x - (mean[k] as number)) ** 2 + eps2),
      state.R,
      state.C,
      b3
    )
    return isMatrix ? mean.map((x, k) => x / Math.sqrt(approximated(state.R, state.C, k))) : mean
  })
}

const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))

test.each([
  ['a matrix', [4, 3], 4, 3],
  ['a vector', [5], 0, 5],
  ['a number', [], 0, 1]
] as const)('does what the reference does to %s', (_, shape, m, n) => {
  expect(furthest(emitted(scaleByCame(), shape, 8).updates, cameOf(m, n, 8))).toBeLessThan(1e-9)
})

test('clips at another root mean square', () => {
  const { updates } = emitted(scaleByCame({ clipThreshold: 0.3 }), [4, 3], 5)
  expect(furthest(updates, cameOf(4, 3, 5, 0.3))).toBeLessThan(1e-9)
})

test('an m × n matrix keeps m n + 2 (m + n) numbers', () => {
  const state = scaleByCame().init({ w: ndarray(new Float64Array(20), [5, 4]) })
  const kept = Object.values(state).reduce((total, part) => {
    const { w } = part as { readonly w: number | { readonly data: Float64Array } }
    return total + (typeof w === 'number' ? 0 : w.data.length)
  }, 0)
  expect(kept).toBe(20 + 2 * 9)
})

test('what has more axes is a stack of matrices, clipped together', () => {
  const loose = scaleByCame({ clipThreshold: 1e9 })
  const { updates } = emitted(loose, [2, 3, 4], 4)
  for (const from of [0, 12]) {
    const alone = emitted(loose, [3, 4], 4, (t) => numbers(t, 24).slice(from, from + 12)).updates
    expect(
      furthest(
        updates.map((u) => u.slice(from, from + 12)),
        alone
      )
    ).toBeLessThan(1e-12)
  }
})

test('where squares have rank 1 a matrix and its transpose have transposed updates', () => {
  const flat = (t: number): Float64Array =>
    Float64Array.from({ length: 6 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (1 + Math.floor(k / 3)) * (1 + (k % 3)) * t)
  const { updates } = emitted(scaleByCame(), [2, 3], 1, flat)
  const turned = emitted(scaleByCame(), [3, 2], 1, (t) => transpose(flat(t), 2, 3)).updates
  expect(
    furthest(
      updates.map((u) => transpose(u, 2, 3)),
      turned
    )
  ).toBeLessThan(1e-10)
})

test('a row of zeros beside a large one stays zeros in float32', () => {
  const w = { w: ndarray(Float32Array.of(2 ** 30, 0), [2, 1]) }
  const tx = scaleByCame()
  const [u] = tx.update(w, tx.init(w), w)
  expect(u.w.data[1]).toBe(0)
  expect(Number.isFinite(u.w.data[0])).toBe(true)
})

test('zeros stay zeros, and a NaN stays', () => {
  const zero = emitted(scaleByCame(), [3, 2], 3, () => new Float64Array(6)).updates
  expect(zero.every((u) => u.every((x) => x === 0))).toBe(true)
  const bad = emitted(scaleByCame(), [2, 2], 3, (t) =>
    t === 2 ? Float64Array.of(NaN, 1, 2, 3) : numbers(t, 4)
  ).updates
  expect(bad.map((u) => u.every(Number.isFinite))).toStrictEqual([true, false, false])
})

test.each([
  [{ b3: 1 }, 'scaleByCame: b3 must be in [0, 1), got 1'],
  [{ eps1: -1 }, 'scaleByCame: eps1 must be a finite number ≥ 0, got -1'],
  [{ clipThreshold: 0 }, 'scaleByCame: clipThreshold must be a finite number > 0, got 0']
])('refuses %j', (options, message) => {
  expect(() => scaleByCame(options)).toThrow(message)
  expect(() => came(0.1, options)).toThrow(message)
})
