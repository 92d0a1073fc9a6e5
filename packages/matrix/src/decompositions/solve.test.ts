import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrayOf, dataOf, distance, identityOf, product, sizeOf, squares, transpose } from '../internal/testing.js'
import { cholesky } from './cholesky.js'
import { inverse } from './inverse.js'
import { solve } from './solve.js'

/** Well-conditioned: the diagonal outweighs its row. */
const dominant = squares.map(({ rows: n, columns, data }) => {
  const unit = sizeOf(data)
  return { rows: n, columns, data: data.map((x, k) => x / unit + (k % (n + 1) === 0 ? 2 * n : 0)) }
})

describe('solve', () => {
  test('A X is B', () => {
    fc.assert(
      fc.property(dominant, fc.integer({ min: 1, max: 4 }), (a, k) => {
        const n = a.rows
        const b = Float64Array.from({ length: n * k }, (_, i) => Math.sin(i + 1))
        const x = dataOf(solve(arrayOf(a), ndarray(b, [n, k])))
        expect(distance(product(a.data, x, n, n, k), b)).toBeLessThan(1e-13)
      })
    )
  })

  test('rows and columns of any magnitude do not make a matrix singular', () => {
    const a = ndarray(new Float64Array([1e-300, 0, 2e-300, 0, 3e200, 0, 4, 0, 1]), [3, 3])
    const x = dataOf(solve(a, ndarray(new Float64Array([3e-300, 6e200, 5]), [3, 1])))
    expect(distance(x, [1, 2, 1])).toBeLessThan(1e-15)
  })

  test.each([
    ['dependent rows', [1, 2, 3, 2, 4, 6, 1, 0, 1]],
    ['dependent columns up to rounding', [0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 0.7, 0.8, 1.5]],
    ['a row of zeros', [1, 2, 3, 0, 0, 0, 1, 0, 1]],
    ['NaN', [1, NaN, 3, 2, 4, 1, 1, 0, 1]],
    ['infinity', [1, Infinity, 3, 2, 4, 1, 1, 0, 1]]
  ])('of a matrix with %s gives NaN', (_, elements) => {
    const x = dataOf(solve(ndarray(new Float64Array(elements), [3, 3]), ndarray(new Float64Array(3).fill(1), [3, 1])))
    expect(x.every(Number.isNaN)).toBe(true)
  })

  const a = ndarray(new Float64Array([2, 0, 0, 4]), [2, 2])
  test.each([
    [
      () => solve(a, ndarray(new Float64Array(3), [3, 1])),
      'solve: b must have the batch and the rows of a, whose shape is [2, 2], got shape [3, 1]'
    ],
    [
      () => solve(a, ndarray(new Float32Array(2), [2, 1])),
      'solve: a and b must have the same dtype, got float64 and float32'
    ],
    [() => solve(a, new Float64Array(2)), 'solve: b must be a matrix, got shape [2]']
  ])('refuses %s', (call, message) => {
    expect(call).toThrow(message)
  })
})

test('the inverse is one', () => {
  fc.assert(
    fc.property(dominant, (a) => {
      const n = a.rows
      expect(distance(product(a.data, dataOf(inverse(arrayOf(a))), n, n, n), identityOf(n))).toBeLessThan(1e-13)
    })
  )
})

describe('cholesky', () => {
  test('L Lᵀ is A, and L is lower triangular', () => {
    fc.assert(
      fc.property(dominant, ({ rows: n, data }) => {
        const a = product(data, transpose(data, n, n), n, n, n)
        const l = dataOf(cholesky(ndarray(a, [n, n])))
        expect(distance(product(l, transpose(l, n, n), n, n, n), a) / sizeOf(a)).toBeLessThan(1e-14)
        l.forEach((x, k) => {
          if (k % n > Math.floor(k / n)) expect(x).toBe(0)
        })
      })
    )
  })

  test.each([
    ['that is not positive definite', [1, 2, 2, 1]],
    ['that is singular', [1, 1, 1, 1]],
    ['with NaN', [NaN, 0, 0, 1]],
    ['with infinity', [Infinity, 0, 0, 1]]
  ])('of a matrix %s gives NaN', (_, elements) => {
    expect(dataOf(cholesky(ndarray(new Float64Array(elements), [2, 2]))).every(Number.isNaN)).toBe(true)
  })
})
