import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { svdOf } from '../internal/svdOf.js'
import { arrayOf, type Case, dataOf, distance, matrices } from '../internal/testing.js'
import { projectSpectralNorm } from './projectSpectralNorm.js'

const sane = matrices.filter(({ data }) => data.every((x) => Math.abs(x) < 1e9))
const projected = (a: Case, limit: number): ArrayLike<number> => dataOf(projectSpectralNorm(arrayOf(a), limit))

test('singular values are cut at the limit, what is within it stays to the bit, and twice is once', () => {
  fc.assert(
    fc.property(sane, fc.constantFrom(1, 0.1, 5), (a, limit) => {
      const { rows, columns, data } = a
      const found = projected(a, limit)
      const wanted = svdOf(data.slice(), rows, columns).s.map((s) => Math.min(s, limit))
      expect(distance(svdOf(Float64Array.from(found), rows, columns).s, wanted)).toBeLessThan(1e-12 * limit * 10)
      if ((svdOf(data.slice(), rows, columns).s[0] as number) <= limit) {
        expect(Array.from(found)).toStrictEqual(Array.from(data))
      }
      const twice = projected({ ...a, data: Float64Array.from(found) }, limit)
      expect(distance(twice, found)).toBeLessThan(1e-11 * limit)
    })
  )
})

test('two matrices come no farther apart', () => {
  const length = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Math.hypot(...Array.from(x, (z, k) => z - (y[k] as number)))
  fc.assert(
    fc.property(sane, fc.infiniteStream(fc.double({ min: -2, max: 2, noNaN: true })), (a, stream) => {
      const b = { ...a, data: Float64Array.from(a.data, (x) => x / 3 + (stream.next().value as number)) }
      expect(length(projected(a, 1), projected(b, 1))).toBeLessThanOrEqual(length(a.data, b.data) + 1e-9)
    })
  )
})

test('of a stack each, of nothing nothing, with NaN all of the matrix', () => {
  const stack = ndarray(new Float32Array([3, 0, 0, 0.5, 0.5, 0, 0, 0.5]), [2, 2, 2])
  expect(dataOf(projectSpectralNorm(stack, 1))).toStrictEqual(new Float32Array([1, 0, 0, 0.5, 0.5, 0, 0, 0.5]))
  expect(dataOf(projectSpectralNorm(ndarray(new Float64Array(0), [0, 3]), 1)).length).toBe(0)
  expect(dataOf(projectSpectralNorm(ndarray(new Float64Array([NaN, 1]), [1, 2]), 1)).every(Number.isNaN)).toBe(true)
})

test('refuses what is no limit and what is no matrix', () => {
  const one = ndarray(new Float64Array(1), [1, 1])
  expect(() => projectSpectralNorm(one, 0)).toThrow('projectSpectralNorm: limit must be a finite number > 0, got 0')
  expect(() => projectSpectralNorm(3, 1)).toThrow('projectSpectralNorm: x must be a matrix, got a number')
})
