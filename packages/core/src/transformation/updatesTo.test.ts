import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as tree from '../algebra/index.js'
import { ndarray } from '../array/ndarray.js'
import type { Leaf } from '../expression/expr.js'
import { applyUpdates } from './applyUpdates.js'
import { force } from './force.js'
import type { Tree } from './types.js'
import { updatesTo } from './updatesTo.js'

const halves = ['bfloat16', 'float16'] as const
const numbersOf = (values: Tree<Leaf>): readonly number[] => [
  ...(force(tree.cast(values, 'float64')) as { readonly data: Float64Array }).data
]

test('they are t − p for what is wide', () => {
  const params = { a: 3, b: Float32Array.of(1, 2), c: Float64Array.of(0.3) }
  const targets = { a: 1, b: Float32Array.of(0.5, 4), c: Float64Array.of(0.1) }
  expect(force(updatesTo(params, targets))).toStrictEqual({
    a: -2,
    b: Float32Array.of(-0.5, 2),
    c: Float64Array.of(0.1 - 0.3)
  })
})

// Normal numbers of either dtype, from each of which the other is in reach.
const magnitude = fc.double({ min: 2 ** -7, max: 2 ** 7, noNaN: true })
const signed = fc.tuple(magnitude, fc.boolean()).map(([x, isNegative]) => (isNegative ? -x : x))

test.each(halves)('from %s params they lead exactly to the target, rounded once', (dtype) => {
  fc.assert(
    fc.property(signed, fc.oneof(signed, fc.constant(0)), (p, t) => {
      const params = ndarray([p], [1], dtype)
      const target = ndarray([t], [1])
      const reached = applyUpdates(params, force(updatesTo(params, target)) as never)
      return Object.is(numbersOf(reached)[0], numbersOf(ndarray([Math.fround(t)], [1], dtype))[0])
    })
  )
})

test.each(halves)(
  'where a %s param is what is wanted, it stays to the bit: zeros of both signs, infinities',
  (dtype) => {
    const params = ndarray([0, -0, 1.5, Infinity, -Infinity], [5], dtype)
    const targets = ndarray([-0, 0, 1.5, Infinity, 3], [5])
    const updates = force(updatesTo(params, targets))
    expect(numbersOf(updates)).toStrictEqual([-0, -0, -0, -0, -0])
    expect(applyUpdates(params, updates as never)).toStrictEqual(params)
  }
)

test('of 16-bit params they are float32', () => {
  const params = { w: ndarray([1], [1], 'bfloat16') }
  // No bfloat16 is as near to −1 as that.
  const target = { w: ndarray([2 ** -10], [1]) }
  expect(force(updatesTo(params, target))).toStrictEqual({ w: ndarray([2 ** -10 - 1], [1]) })
})
