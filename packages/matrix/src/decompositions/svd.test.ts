import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrayOf, dataOf, defect, distance, matrices, product, sizeOf, transpose } from '../internal/testing.js'
import { svd } from './svd.js'

test('U diag(s) Vᵀ is A, U and V are orthonormal, s descends to no less than 0', () => {
  fc.assert(
    fc.property(matrices, (a) => {
      const { rows: m, columns: n, data } = a
      const k = Math.min(m, n)
      const found = svd(arrayOf(a))
      const [u, s, vt] = [dataOf(found.u), dataOf(found.s), dataOf(found.vt)]
      const unit = sizeOf(data)
      expect(defect(u, m, k)).toBeLessThan(1e-13)
      expect(defect(transpose(vt, k, n), n, k)).toBeLessThan(1e-13)
      const scaled = u.map((x, i) => x * ((s[i % k] as number) / unit))
      expect(
        distance(
          product(scaled, vt, m, k, n),
          data.map((x) => x / unit)
        )
      ).toBeLessThan(1e-12)
      expect(Array.from(s)).toStrictEqual(Array.from(s).sort((x, y) => y - x))
      expect(s.every((x) => x >= 0)).toBe(true)
    })
  )
})

test('a matrix and its transpose have the same singular values', () => {
  fc.assert(
    fc.property(matrices, (a) => {
      const { rows, columns, data } = a
      const s = dataOf(svd(arrayOf(a)).s)
      const other = dataOf(svd(arrayOf({ rows: columns, columns: rows, data: transpose(data, rows, columns) })).s)
      expect(distance(s, other) / sizeOf(s)).toBeLessThan(1e-13)
    })
  )
})

test('of a bidiagonal matrix with a hole in its diagonal nothing is lost', () => {
  const n = 6
  const holed = Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n]
    return i === j ? (i === 2 ? 0 : 1) : j === i + 1 ? 1 : 0
  })
  const { u, s, vt } = svd(ndarray(holed, [n, n]))
  expect(dataOf(s)[n - 1]).toBeLessThan(1e-15)
  expect(Math.max(defect(dataOf(u), n, n), defect(dataOf(vt), n, n))).toBeLessThan(1e-14)
})

test('the ill-conditioned one of Kahan has the singular value that is known', () => {
  const n = 30
  const lower = Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n]
    return i > j ? -1 : i === j ? 1 : 0
  })
  // numpy 2: np.linalg.svd of the same matrix.
  expect(dataOf(svd(ndarray(lower, [n, n])).s)[n - 1]).toBeCloseTo(2.7939677e-9, 15)
})

test('NaN makes all of it NaN; a matrix without elements has none', () => {
  const { u, s, vt } = svd(ndarray(new Float64Array([1, 2, NaN, 4, 5, 6]), [2, 3]))
  expect([...dataOf(u), ...dataOf(s), ...dataOf(vt)].every(Number.isNaN)).toBe(true)
  expect(dataOf(svd(ndarray(new Float64Array(0), [0, 4])).s).length).toBe(0)
})
