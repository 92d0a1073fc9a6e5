import { grad, ndarray, type Operand, read } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { svdOf } from '../internal/svdOf.js'
import { arrayOf, distance, identityOf, matrices, product, transpose } from '../internal/testing.js'
import { orthogonalPenalty } from './orthogonalPenalty.js'

const sane = matrices.filter(({ data }) => data.every((x) => Math.abs(x) < 1e4))

test('is Σ (σ² − 1)² over the singular values, of the transpose as well', () => {
  fc.assert(
    fc.property(sane, (a) => {
      const { rows, columns, data } = a
      const wanted = svdOf(data.slice(), rows, columns).s.reduce((total, s) => total + (s * s - 1) ** 2, 0)
      const found = read(orthogonalPenalty(arrayOf(a)))
      expect(Math.abs(found - wanted)).toBeLessThan(1e-11 * (1 + wanted))
      const turned = read(orthogonalPenalty(ndarray(transpose(data, rows, columns), [columns, rows])))
      expect(Math.abs(turned - found)).toBeLessThan(1e-11 * (1 + wanted))
    })
  )
})

test('its gradient is 4 W (Wᵀ W − I)', () => {
  for (const [rows, columns] of [
    [5, 3],
    [3, 5]
  ] as const) {
    const data = Float64Array.from({ length: 15 }, (_, k) => Math.cos(k * k))
    const penalty = ({ w }: { readonly w: Operand }) => orthogonalPenalty(w)
    const { w } = grad(penalty)({ w: ndarray(data, [rows, columns]) })
    const tall = rows > columns ? data : transpose(data, rows, columns)
    const gram = product(transpose(tall, 5, 3), tall, 3, 5, 3).map((x, k) => x - (identityOf(3)[k] as number))
    const wanted = product(tall, gram, 5, 3, 3).map((x) => 4 * x)
    expect(distance(rows > columns ? w.data : transpose(w.data, rows, columns), wanted)).toBeLessThan(1e-12)
  }
})

test('of a stack it is the sum, of nothing 0, with NaN NaN', () => {
  expect(read(orthogonalPenalty(ndarray(new Float32Array([2, 0, 0, 1, 1, 0, 0, 1]), [2, 2, 2])))).toBe(9)
  expect(read(orthogonalPenalty(ndarray(new Float32Array(0), [0, 3])))).toBe(0)
  expect(read(orthogonalPenalty(ndarray(new Float32Array([NaN]), [1, 1])))).toBeNaN()
  expect(() => orthogonalPenalty(new Float32Array(3))).toThrow('orthogonalPenalty: x must be a matrix, got shape [3]')
})
