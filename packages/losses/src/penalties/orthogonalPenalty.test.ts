import { force, grad, matmul, mul, type NdArray, ndarray, type Operand, read, sub, transpose } from '@gradchain/core'
import { svd } from '@gradchain/matrix'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orthogonalPenalty } from './orthogonalPenalty.js'

const aMatrix = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([rows, columns]) =>
  fc
    .array(
      fc.integer({ min: -2000, max: 2000 }).map((i) => i / 1000),
      { minLength: rows * columns, maxLength: rows * columns }
    )
    .map((elements) => ndarray(Float64Array.from(elements), [rows, columns]))
)

test('is Σ (σ² − 1)² over the singular values, of the transpose as well', () => {
  fc.assert(
    fc.property(aMatrix, (a) => {
      const { data } = force(svd(a).s) as NdArray
      const wanted = [...data].reduce((total, s) => total + (s * s - 1) ** 2, 0)
      const found = read(orthogonalPenalty(a))
      expect(Math.abs(found - wanted)).toBeLessThan(1e-11 * (1 + wanted))
      expect(Math.abs(read(orthogonalPenalty(transpose(a))) - found)).toBeLessThan(1e-11 * (1 + wanted))
    })
  )
})

test.each([
  [5, 3],
  [3, 5]
] as const)('its gradient by a matrix of %i × %i is 4 W (Wᵀ W − I)', (rows, columns) => {
  const w = ndarray(
    Float64Array.from({ length: 15 }, (_, k) => ((k * k * 7) % 11) / 8 - 0.5),
    [rows, columns]
  )
  const found = grad((at: { readonly w: Operand }) => orthogonalPenalty(at.w))({ w }).w.data
  const product = matmul(matmul(w, w, { transposeB: true }), w)
  const { data } = force(mul(4, sub(product, w))) as NdArray
  data.forEach((x, k) => expect(Math.abs(x - (found[k] as number))).toBeLessThan(1e-12))
})

test('of a stack it is the sum, of nothing 0, with NaN NaN', () => {
  expect(read(orthogonalPenalty(ndarray(new Float32Array([2, 0, 0, 1, 1, 0, 0, 1]), [2, 2, 2])))).toBe(9)
  expect(read(orthogonalPenalty(ndarray(new Float32Array(0), [0, 3])))).toBe(0)
  expect(read(orthogonalPenalty(ndarray(new Float32Array([NaN]), [1, 1])))).toBeNaN()
  expect(() => orthogonalPenalty(new Float32Array(3))).toThrow('orthogonalPenalty: x must be a matrix, got shape [3]')
})
