import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exp } from './exp.js'
import { ulpsBetween } from './testing.js'

test('is eˣ within two units of the last place of what the engine says, over the whole range', () => {
  // Each is within one of what is true.
  const x = fc.oneof(fc.double({ min: -746, max: 710, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  fc.assert(fc.property(x, (at) => ulpsBetween(exp(at), Math.exp(at)) <= 2))
})

test('falls and rises with x', () => {
  const x = fc.double({ min: -750, max: 715, noNaN: true })
  fc.assert(fc.property(x, x, (a, b) => exp(Math.min(a, b)) <= exp(Math.max(a, b))))
})

test.each([
  [0, 1],
  [-0, 1],
  [-0.5, 0.6065306597126334],
  [-100, 3.720075976020836e-44],
  [709.782712893384, 1.7976931348622732e308],
  [-745, 5e-324],
  [-746, 0],
  [710, Infinity],
  [Infinity, Infinity],
  [-Infinity, 0],
  [Number.NaN, Number.NaN]
])('exp(%s) is %s to the last bit', (x, expected) => {
  expect(exp(x)).toBe(expected)
})
