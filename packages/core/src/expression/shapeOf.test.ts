import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { add, reshape, sum, transpose } from './operations.js'
import { shapeOf } from './shapeOf.js'

const matrix = ndarray([1, 2, 3, 4, 5, 6], [2, 3])

test.each([
  ['a number', 3, []],
  ['a bare vector', new Float64Array(5), [5]],
  ['an empty one', new Float32Array(0), [0]],
  ['a matrix', matrix, [2, 3]],
  ['an array of one element', ndarray([1], []), []],
  ['16 bits', ndarray([1, 2], [2, 1], 'bfloat16'), [2, 1]],
  ['an expression of vectors', add(new Float32Array(4), 1), [4]],
  ['an expression of matrices', transpose(matrix), [3, 2]],
  ['one reshaped', reshape(matrix, [6, 1, 1]), [6, 1, 1]],
  ['a lazy number', sum(matrix), []],
  ['a sum along an axis', sum(matrix, [0]), [1, 3]]
] as const)('of %s', (_what, x, shape) => {
  expect(shapeOf(x)).toStrictEqual(shape)
})
