import { applyUpdates, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { svdOf } from '../internal/svdOf.js'
import { type Case, distance, matrices } from '../internal/testing.js'
import { type SpectralNormOptions, type SpectralNormState, spectralNorm } from './spectralNorm.js'

// A param that is huge beside what it is brought to has lost its digits: 2⁵³ and an update of 1 − 2⁵³ are 2.
const sane = matrices.filter(({ data }) => data.some((x) => Math.abs(x) > 1e-3) && data.every((x) => Math.abs(x) < 1e3))
const largest = ({ rows, columns }: Case, data: Float64Array): number =>
  svdOf(data.slice(), rows, columns).s[0] as number
const uOf = (state: SpectralNormState) => (state.u as { w: { shape: number[]; data: Float64Array } }).w

const after = (a: Case, options: SpectralNormOptions, steps = 1): Float64Array => {
  const tx = spectralNorm(options)
  let params = { w: ndarray(a.data.slice(), [a.rows, a.columns]) }
  const zeros = { w: ndarray(new Float64Array(a.data.length), [a.rows, a.columns]) }
  let state = tx.init(params)
  for (let t = 0; t < steps; t++) {
    const [u, next] = tx.update(zeros, state, params)
    params = applyUpdates(params, u)
    state = next
  }
  return params.w.data
}

test('agrees with its definition', () => {
  const a: Case = { rows: 3, columns: 4, data: Float64Array.from({ length: 12 }, (_, k) => Math.cos(k * k)) }
  const tx = spectralNorm({ norm: 2, steps: 2 })
  const params = { w: ndarray(a.data, [3, 4]) }
  const g = {
    w: ndarray(
      a.data.map((x) => x * x),
      [3, 4]
    )
  }
  const state = tx.init(params)
  const w = (i: number, j: number): number => (a.data[4 * i + j] as number) + (g.w.data[4 * i + j] as number)
  const unit = (x: readonly number[]): number[] => x.map((y) => y / Math.hypot(...x))
  let u = Array.from(uOf(state).data)
  let sigma = 0
  for (let step = 0; step < 2; step++) {
    const v = unit([0, 1, 2, 3].map((j) => [0, 1, 2].reduce((total, i) => total + w(i, j) * (u[i] as number), 0)))
    const image = [0, 1, 2].map((i) => [0, 1, 2, 3].reduce((total, j) => total + w(i, j) * (v[j] as number), 0))
    sigma = Math.hypot(...image)
    u = unit(image)
  }
  const [updates, next] = tx.update(g, state, params)
  expect(distance(uOf(next).data, u)).toBeLessThan(1e-12)
  const wanted = a.data.map((x, k) => (2 * (x + (g.w.data[k] as number))) / sigma - x)
  expect(distance(updates.w.data, wanted)).toBeLessThan(1e-12)
})

test('brings any matrix to the norm, never below it, and closer with each step', () => {
  fc.assert(
    fc.property(sane, fc.constantFrom(1, 3), (a, norm) => {
      const once = largest(a, after(a, { norm }))
      expect(once).toBeGreaterThanOrEqual(norm * (1 - 1e-9))
      // Also where singular values are near each other, by which a power iteration is slow.
      const often = largest(a, after(a, { norm, steps: 20 }))
      expect(often).toBeLessThanOrEqual(norm * 1.15)
      expect(largest(a, after(a, { norm }, 20))).toBeLessThanOrEqual(norm * 1.15)
    }),
    // Each matrix has a form of its own, for which kernels are compiled.
    { numRuns: 20 }
  )
})

test('atMost, what is smaller stays to the bit, and what is larger comes down', () => {
  const small: Case = { rows: 2, columns: 2, data: new Float64Array([0.5, 0, 0, 0.25]) }
  expect(Array.from(after(small, { atMost: true, steps: 9 }))).toStrictEqual([0.5, 0, 0, 0.25])
  const large: Case = { ...small, data: new Float64Array([5, 0, 0, 1]) }
  expect(distance(after(large, { atMost: true, steps: 30 }), [1, 0, 0, 0.2])).toBeLessThan(1e-12)
})

test('stacks are as many matrices, zeros and leaves that are no matrices are left alone', () => {
  const params = {
    w: ndarray(new Float32Array([2, 0, 0, 1, 0, 0, 0, 0]), [2, 2, 2]),
    b: new Float32Array([7]),
    c: 3,
    none: ndarray(new Float32Array(0), [0, 2])
  }
  const tx = spectralNorm({ steps: 30, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } })
  const grads = { ...params, w: ndarray(new Float32Array(8), [2, 2, 2]) }
  const [u, state] = tx.update(grads, tx.init(params), params)
  expect(applyUpdates(params, u).w.data).toStrictEqual(new Float32Array([1, 0, 0, 0.5, 0, 0, 0, 0]))
  expect([u.b, u.c]).toStrictEqual([params.b, 3])
  expect(uOf(state).shape).toStrictEqual([2, 2, 1])
  // Where there is no direction, that of before is kept.
  expect(Array.from(uOf(state).data.slice(2))).toStrictEqual(Array.from(uOf(tx.init(params)).data.slice(2)))
  expect(state.u).toMatchObject({ b: 0, c: 0, none: 0 })
})

test('NaN stays in its matrix', () => {
  const params = { w: ndarray(new Float64Array([1, NaN, 0, 1]), [2, 2]), v: ndarray(new Float64Array([2]), [1, 1]) }
  const zeros = { w: ndarray(new Float64Array(4), [2, 2]), v: ndarray(new Float64Array(1), [1, 1]) }
  const tx = spectralNorm()
  const [u] = tx.update(zeros, tx.init(params), params)
  expect(u.v.data[0]).toBe(-1)
  expect(Number.isNaN(u.w.data[1])).toBe(true)
})

test.each<readonly [SpectralNormOptions, string]>([
  [{ norm: 0 }, 'spectralNorm: norm must be a finite number > 0, got 0'],
  [{ steps: 0 }, 'spectralNorm: steps must be a whole number ≥ 1, got 0'],
  [{ atMost: 1 as never }, 'spectralNorm: atMost must be true or false, got 1'],
  [{ key: -0.5 }, 'spectralNorm: key must be']
])('refuses %o', (options, message) => {
  expect(() => spectralNorm(options)).toThrow(message)
})
