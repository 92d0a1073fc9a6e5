import { expect, test } from 'vitest'
import { boxOf } from './box.js'

const boxAt = (dtype: string, lower: number, upper: number) => boxOf('search', { w: `${dtype}[1]` }, { lower, upper })

const F32 = 3.4028234663852886e38

test.each([
  ['float32', 0.1, 0.7, 0.10000000149011612, 0.699999988079071],
  ['float32', -1e300, 1e39, -F32, F32],
  ['float32', 1e-50, 1, 2 ** -149, 1],
  ['float32', 1.5 * 2 ** -149, 1, 2 ** -148, 1],
  ['float32', -1, -1e-50, -1, -(2 ** -149)],
  ['float32', 0.1, 0.1, Math.fround(0.1), Math.fround(0.1)],
  ['float16', -1e5, 1e-9, -65504, 0],
  ['float16', 1e-9, 0.1, 2 ** -24, 0.0999755859375],
  ['bfloat16', -1e39, 1.001, -3.3895313892515355e38, 1],
  ['bfloat16', 1e-45, 1, 2 ** -133, 1],
  ['float64', 5e-324, 1.7e308, 5e-324, 1.7e308],
  ['float32', -Infinity, Infinity, null, null]
])('bounds of %s from %d to %d are the numbers next to them inside', (dtype, low, high, lower, upper) => {
  const box = boxAt(dtype, low, high)
  expect(box?.lower[0]).toBe(lower)
  expect(box?.upper[0]).toBe(upper)
})

test.each([
  ['float32', 0.10000000000000001, 0.10000000000000002],
  ['float32', 1e39, 1e40],
  ['float32', 1e39, 1e39],
  ['float16', 7e4, Infinity]
])('bounds of %s from %d to %d have no number between them', (dtype, low, high) => {
  expect(() => boxAt(dtype, low, high)).toThrow(
    `search: bounds must have a number of ${dtype} between them, got ${low} and ${high}`
  )
})
