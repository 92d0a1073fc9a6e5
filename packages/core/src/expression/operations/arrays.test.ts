import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NdArray, ndarray } from '../../array/ndarray.js'
import { withEngine } from '../../engine/evaluate.js'
import { reference } from '../../engine/reference.js'
import { InvalidOption, InvalidTree } from '../../errors.js'
import { force } from '../../transformation/force.js'
import type { Expr } from '../expr.js'
import { reshape, transpose } from './arrays.js'

const counted = (...shape: number[]): NdArray =>
  ndarray(
    Array.from({ length: shape.reduce((n, length) => n * length, 1) }, (_, i) => i),
    shape
  )

const arrayOf = (x: Expr): NdArray => force(x) as NdArray

test('transpose puts axis order[i] at axis i', () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 })
  const cases = shapes.chain((shape) =>
    fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }))
  )
  fc.assert(
    fc.property(cases, ([shape, order]) => {
      const { shape: permuted, data } = arrayOf(transpose(counted(...shape), order))
      expect(permuted).toStrictEqual(order.map((axis) => shape[axis]))
      data.forEach((value, place) => {
        // The index in the result, taken apart from the last axis on, is the one in the operand by another order.
        const index = new Array<number>(shape.length).fill(0)
        let rest = place
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          index[order[axis] as number] = rest % (permuted[axis] as number)
          rest = Math.floor(rest / (permuted[axis] as number))
        }
        expect(value).toBe(index.reduce((at, i, axis) => at * (shape[axis] as number) + i, 0))
      })
    })
  )
})

test.each([[[3, 50]], [[50, 3]], [[17, 33]], [[2, 16, 18]]])(
  'transposed twice, a matrix of shape %j is what it was, and once it is not',
  (shape) => {
    const x = counted(...shape)
    const once = arrayOf(transpose(x))
    expect(once.data).not.toStrictEqual(x.data)
    expect(once.data[1]).toBe(shape[shape.length - 1])
    expect(arrayOf(transpose(transpose(x)))).toStrictEqual(x)
  }
)

test('reshape leaves the elements as they are, 16-bit patterns too', () => {
  const half = { dtype: 'float16', shape: [2, 2], data: Uint16Array.of(0x3c00, 0x8000, 0x7c00, 1) } as const
  expect(arrayOf(reshape(half, [4, 1]))).toStrictEqual({ ...half, shape: [4, 1] })
  expect(withEngine(reference, () => arrayOf(reshape(half, [1, 4])))).toStrictEqual({ ...half, shape: [1, 4] })
  expect(force(reshape(counted(2, 1), null))).toStrictEqual(Float32Array.of(0, 1))
  expect(force(reshape(new Float64Array([3]), []))).toStrictEqual({
    dtype: 'float64',
    shape: [],
    data: Float64Array.of(3)
  })
})

test.each([
  [() => reshape(counted(2, 3), [4]), InvalidTree, 'reshape: an array of shape [2, 3] has 6 elements, [4] asks for 4'],
  [() => reshape(counted(2, 3), [-1, 6]), InvalidOption, 'reshape: shape must be an array of whole numbers ≥ 0'],
  [() => reshape(2, [1]), InvalidOption, 'reshape: x must be an array, got a number'],
  [
    () => reshape({ dtype: 'float16', shape: [1], data: Uint16Array.of(1) }, null),
    InvalidTree,
    'reshape: a bare vector is'
  ],
  [() => transpose(new Float32Array(2)), InvalidTree, 'transpose: x must have two axes or more, got shape [2]'],
  [() => transpose(1), InvalidTree, 'transpose: x must be an array, got a number'],
  [
    () => transpose(counted(2, 3), [0, 0]),
    InvalidOption,
    'transpose: order must name each of the 2 axes once, got [0, 0]'
  ],
  [() => transpose(counted(2, 3), [1]), InvalidOption, 'transpose: order must name each of the 2 axes once, got [1]']
])('refuses what does not fit (%#)', (refused, error, message) => {
  expect(refused).toThrow(error)
  expect(refused).toThrow(message)
})
