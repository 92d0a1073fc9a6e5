import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { applyUpdates } from './applyUpdates.js'
import { force } from './force.js'
import { paramsAfter } from './paramsAfter.js'
import { updatesTo } from './updatesTo.js'

const params = {
  number: 1,
  single: Float32Array.of(1, -2),
  double: [Float64Array.of(0.1)],
  half: ndarray([1, -3], [2], 'bfloat16'),
  none: null
}

test('they are p + u, in the dtypes of the params', () => {
  const updates = {
    number: 0.5,
    single: Float32Array.of(0.25, 2),
    double: [Float64Array.of(0.2)],
    half: ndarray([0.5, 1], [2], 'bfloat16'),
    none: null
  }
  expect(force(paramsAfter(params, updates))).toStrictEqual({
    number: 1.5,
    single: Float32Array.of(1.25, 0),
    double: [Float64Array.of(0.1 + 0.2)],
    half: ndarray([1.5, -2], [2], 'bfloat16'),
    none: null
  })
})

test('an update is rounded to the dtype of its param first, as it will be when it leaves', () => {
  const half = { w: ndarray([1], [1], 'bfloat16') }
  // 0.005 is 0.0050049 in bfloat16; 1 + that is nearer to 1.0078 than to 1.
  const update = { w: ndarray([0.005], [1]) }
  const rounded = { w: ndarray([0.005], [1], 'bfloat16') }
  expect(force(paramsAfter(half, update))).toStrictEqual(applyUpdates(half, rounded))
})

test('updates to a target lead there: they are not rounded', () => {
  const target = { w: ndarray([0.001, -3], [2]) }
  const half = { w: ndarray([1, -3], [2], 'bfloat16') }
  expect(force(paramsAfter(half, updatesTo(half, target)))).toStrictEqual({
    w: ndarray([0.001, -3], [2], 'bfloat16')
  })
})

test('refuses trees that do not fit, with the path', () => {
  expect(() => paramsAfter({ a: [1] }, { a: [1, 2] })).toThrow('the second tree.a has 1 items')
})
