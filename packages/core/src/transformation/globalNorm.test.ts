import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidTree } from '../errors.js'
import { mul } from '../expression/operations.js'
import { globalNorm } from './globalNorm.js'

test('is over all elements of all leaves, in float64', () => {
  expect(globalNorm({ a: Float32Array.of(1, 2), b: [ndarray([2], [1, 1]), Float64Array.of(4)], c: { d: 2 } })).toBe(
    Math.sqrt(29)
  )
  // In float32 this would be infinite.
  expect(globalNorm(Float32Array.of(3e38, 4e37))).toBeCloseTo(Math.hypot(3e38, 4e37) / 1, -32)
})

test('0 of nothing, NaN with one', () => {
  expect([{}, null, [], { w: new Float32Array(0) }, 0].map((t) => globalNorm(t as never))).toStrictEqual([
    0, 0, 0, 0, 0
  ])
  expect(globalNorm({ w: Float32Array.of(1, Number.NaN) })).toBeNaN()
})

test('of a lazy tree, too', () => {
  expect(globalNorm({ w: mul(Float32Array.of(3, 4), 2) as never })).toBe(10)
})

test('refuses what is no tree of arrays, with the place', () => {
  expect(() => globalNorm({ a: [1, 'x'] } as never)).toThrow(
    new InvalidTree(
      'globalNorm: tree.a[1] is "x"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
    )
  )
})
