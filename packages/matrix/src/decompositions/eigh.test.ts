import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrayOf, dataOf, defect, distance, product, sizeOf, symmetric, transpose } from '../internal/testing.js'
import { eigh } from './eigh.js'

test('V diag(w) Vᵀ is A, V is orthogonal, w ascends', () => {
  fc.assert(
    fc.property(symmetric, (a) => {
      const { rows: n, data } = a
      const { values, vectors } = eigh(arrayOf(a))
      const [w, v] = [dataOf(values), dataOf(vectors)]
      const unit = sizeOf(data)
      expect(defect(v, n, n)).toBeLessThan(1e-13)
      const scaled = v.map((x, k) => x * ((w[k % n] as number) / unit))
      expect(
        distance(
          product(scaled, transpose(v, n, n), n, n, n),
          data.map((x) => x / unit)
        )
      ).toBeLessThan(1e-12)
      expect(Array.from(w)).toStrictEqual(Array.from(w).sort((x, y) => x - y))
    })
  )
})

test.each([
  ['a matrix that is diagonal', [3, 0, 0, 0, -1, 0, 0, 0, 2], [-1, 2, 3]],
  ['a matrix of ones', [1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 3]],
  ['zeros', [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0]],
  ['one ulp of asymmetry', [2, 1 + 2 ** -52, 0, 1, 2, 1, 0, 1, 2], [2 - Math.SQRT2, 2, 2 + Math.SQRT2]]
])('%s', (_, elements, wanted) => {
  const { values, vectors } = eigh(ndarray(new Float64Array(elements), [3, 3]))
  expect(distance(dataOf(values), wanted)).toBeLessThan(2e-15)
  expect(defect(dataOf(vectors), 3, 3)).toBeLessThan(4e-15)
})

test("Wilkinson's matrix, whose largest eigenvalues nearly coincide", () => {
  const n = 21
  const w = Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n]
    return i === j ? Math.abs(10 - i) : Math.abs(i - j) === 1 ? 1 : 0
  })
  const { values, vectors } = eigh(ndarray(w, [n, n]))
  expect(dataOf(values)[20]).toBeCloseTo(10.746194182903393, 13)
  expect(dataOf(values)[19]).toBeCloseTo(10.746194182903322, 13)
  expect(defect(dataOf(vectors), n, n)).toBeLessThan(1e-14)
})

test('the small eigenvalues of a graded matrix keep their digits, whichever end they are at', () => {
  const graded = new Float64Array([1, 1e-10, 1e-10, 1e-15])
  const w = dataOf(eigh(ndarray(graded, [2, 2])).values)
  expect((w[0] as number) / (1e-15 - 1e-20)).toBeCloseTo(1, 12)
  const turned = dataOf(eigh(ndarray(new Float64Array([1e-15, 1e-10, 1e-10, 1]), [2, 2])).values)
  expect((turned[0] as number) / (1e-15 - 1e-20)).toBeCloseTo(1, 12)
})

test('NaN and infinity make all of it NaN, and no size is too small', () => {
  for (const bad of [NaN, Infinity]) {
    const { values, vectors } = eigh(ndarray(new Float64Array([1, bad, bad, 1]), [2, 2]))
    expect([...dataOf(values), ...dataOf(vectors)].every(Number.isNaN)).toBe(true)
  }
  expect(dataOf(eigh(ndarray(new Float64Array(0), [0, 0])).values).length).toBe(0)
  expect(Array.from(dataOf(eigh(ndarray(new Float64Array([-7]), [1, 1])).values))).toStrictEqual([-7])
})

test('refuses what is not square', () => {
  expect(() => eigh(ndarray(new Float64Array(6), [2, 3]))).toThrow('eigh: x must be a square matrix, got shape [2, 3]')
})
