import { cast, force, ndarray, type Operand } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataOf, distance, product, transpose } from '../internal/testing.js'
import { nnls } from './nnls.js'

const elements = (x: Operand): Float64Array => Float64Array.from(dataOf(cast(x, 'float64')))

const number = fc.integer({ min: -8, max: 8 })
const problem = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
  .chain(([m, n, k]) =>
    fc
      .tuple(
        fc.array(number, { minLength: m * n, maxLength: m * n }),
        fc.array(number, { minLength: m * k, maxLength: m * k })
      )
      .map(([a, b]) => ({ m, n, k, a: Float64Array.from(a), b: Float64Array.from(b) }))
  )

test('fulfils the conditions of Karush, Kuhn and Tucker', () => {
  fc.assert(
    fc.property(problem, ({ m, n, k, a, b }) => {
      const x = elements(nnls(ndarray(a, [m, n]), ndarray(b, [m, k]), { iters: 20_000 }))
      const residual = product(a, x, m, n, k).map((y, i) => y - (b[i] as number))
      const gradient = product(transpose(a, m, n), residual, n, m, k)
      x.forEach((value, i) => {
        const slope = gradient[i] as number
        expect(value).toBeGreaterThanOrEqual(0)
        expect(slope).toBeGreaterThan(-0.01)
        expect(value * Math.abs(slope)).toBeLessThan(0.05)
      })
    }),
    { numRuns: 30 }
  )
})

test('takes the steps of its definition', () => {
  fc.assert(
    fc.property(problem, fc.integer({ min: 0, max: 6 }), ({ m, n, a, b }, iters) => {
      const side = b.slice(0, m)
      const L = 1000
      const slopeOf = (p: Float64Array): Float64Array =>
        product(
          transpose(a, m, n),
          product(a, p, m, n, 1).map((y, i) => y - (side[i] as number)),
          n,
          m,
          1
        )
      const xs = [new Float64Array(n)]
      let p = new Float64Array(n)
      let c = 0
      for (let t = 1; t <= iters; t++) {
        const slope = slopeOf(p)
        const x = p.map((at, i) => Math.max(0, at - (slope[i] as number) / L))
        const next = (1 + Math.sqrt(1 + 4 * c ** 2)) / 2
        p = x.map((at, i) => at + ((c - 1) / next) * (at - (xs[t - 1]?.[i] as number)))
        c = next
        xs.push(x)
      }
      const found = elements(nnls(ndarray(a, [m, n]), side, { iters, L }))
      expect(distance(found, xs[iters] as Float64Array)).toBeLessThan(1e-11)
    })
  )
})

test('its step is the shortest of the two bounds', () => {
  // Of Aᵀ A = diag(9, 4) the Frobenius norm is √97 and the largest column sum 9; of a matrix of ones both are 2.
  const first = (a: readonly number[]): number =>
    elements(nnls(ndarray(new Float64Array(a), [2, 2]), new Float64Array([3, 0]), { iters: 1 }))[0] as number
  expect(first([3, 0, 0, 2])).toBe(1)
  expect(first([1, 1, 0, 0])).toBe(1.5)
  // Aᵀ A = [[1, 1], [1, 5]]: √28 against 6.
  expect(first([1, 1, 0, 2])).toBeCloseTo(3 / Math.sqrt(28), 12)
})

test('of an A of zeros it is 0, and of NaN it is NaN', () => {
  const b = new Float64Array([1, 2])
  expect(elements(nnls(ndarray(new Float64Array(4), [2, 2]), b, { iters: 9 }))).toStrictEqual(new Float64Array(2))
  const bad = ndarray(new Float64Array([1, 0, NaN, 1]), [2, 2])
  expect(elements(nnls(bad, b, { iters: 9 })).every(Number.isNaN)).toBe(true)
})

test('stacks, vectors and dtypes', () => {
  const a = ndarray(new Float32Array([1, 0, 0, 1, 2, 0, 0, 2]), [2, 2, 2])
  const b = ndarray(new Float32Array([1, -1, 4, 6]), [2, 2, 1])
  expect(force(nnls(a, b, { iters: 200 }))).toMatchObject({ dtype: 'float32', shape: [2, 2, 1] })
  expect(distance(elements(nnls(a, b, { iters: 200 })), [1, 0, 2, 3])).toBeLessThan(1e-6)
  const one = ndarray(new Float32Array([1, 0, 0, 1]), [2, 2])
  expect(force(nnls(one, new Float32Array([1, 2]), { iters: 1 }))).toMatchObject({ dtype: 'float32', shape: [2] })
})

test('refuses what does not fit', () => {
  const a = ndarray(new Float64Array(6), [2, 3])
  expect(() => nnls(a, new Float64Array(3), { iters: 1 })).toThrow(
    'nnls: b must have the batch and the rows of a, whose shape is [2, 3], got shape [3]'
  )
  expect(() => nnls(a, new Float32Array(2), { iters: 1 })).toThrow(
    'nnls: a and b must have the same dtype, got float64 and float32'
  )
  expect(() => nnls(new Float64Array(2), a, { iters: 1 })).toThrow('nnls: a must be a matrix, got shape [2]')
  expect(() => nnls(a, new Float64Array(2), { iters: -1 })).toThrow('nnls: iters must be')
  expect(() => nnls(a, new Float64Array(2), { iters: 1, L: 0 })).toThrow('nnls: L must be')
})
