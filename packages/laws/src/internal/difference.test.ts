import { ndarray } from '@gradchain/core'
import { expect, test } from 'vitest'
import { difference, equalNumbers, near } from './difference.js'

const matrix = (...data: readonly number[]) => ndarray(Float32Array.from(data), [1, data.length])

test.each<[unknown, unknown, string]>([
  [0, -0, ' is 0, not -0'],
  [Number.NaN, 1, ' is NaN, not 1'],
  [{ w: [0, 1] }, { w: [-0, 1] }, '.w[0] is 0, not -0'],
  [{ w: Float32Array.of(1, 2) }, { w: Float32Array.of(1, 3) }, '.w[1] is 2, not 3'],
  [matrix(1, 2), matrix(1, 2.5), '[1] is 2, not 2.5'],
  [{ a: 1 }, { a: 1, b: 2 }, '.b is missing'],
  [{ a: 1, b: 2 }, { a: 1 }, ' has "b", which was not expected'],
  [[1, 2], [1], ' has "1", which was not expected']
])('%o and %o: where they differ', (actual, expected, words) => {
  expect(difference(actual, expected)).toBe(words)
})

test('arrays of other dtypes or shapes differ as such', () => {
  expect(difference(Float32Array.of(1), Float64Array.of(1))).toMatch(/^ is .*, not /)
  expect(difference(matrix(1, 2), ndarray(Float32Array.of(1, 2), [2, 1]))).toMatch(/^ is .*, not /)
  expect(difference(Float32Array.of(1), { 0: 1 })).toMatch(/^ is .*, not /)
})

test.each<[unknown]>([
  [{ a: [1, Number.NaN, -0], b: null, c: 'text' }],
  [Float64Array.of(Number.NaN, -0)],
  [matrix(1, 2, 3)],
  [{}]
])('%o does not differ from itself', (value) => {
  expect(difference(value, structuredClone(value))).toBeNull()
})

test('the order of keys is none', () => {
  expect(difference({ a: 1, b: 2 }, { b: 2, a: 1 })).toBeNull()
})

test('what counts as equal can be said', () => {
  expect(difference([0], [-0], equalNumbers)).toBeNull()
  expect(difference([1], [1 + 1e-7], near())).toBeNull()
  expect(difference([1], [1 + 2e-6], near())).toBe('[0] is 1, not 1.000002')
  // A tolerance below what a dtype can tell apart is that of the dtype.
  expect(difference(Float32Array.of(1), Float32Array.of(1 + 2 ** -20), near(1e-12))).toBeNull()
  expect(difference([Number.NaN], [Number.NaN], near())).toBeNull()
})
