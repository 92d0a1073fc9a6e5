import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pow } from './pow.js'
import { ulpsBetween } from './testing.js'

test('is x^y within three units of the last place of what the engine says, over the whole range', () => {
  // It is within two of what is true, and Math.pow within one in Node, where these tests run.
  const x = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true }))
  const y = fc.oneof(fc.double({ min: -1100, max: 1100, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true }))
  fc.assert(fc.property(x, y, (base, exponent) => ulpsBetween(pow(base, exponent), base ** exponent) <= 3))
})

test('of whole powers of two it is exact', () => {
  fc.assert(fc.property(fc.integer({ min: -1074, max: 1023 }), (n) => pow(2, n) === 2 ** n))
})

test.each([
  [0.96, 1000.5, 1.829652679792833e-18],
  [9, 0.5, 3],
  [0.999, 921, 0.3979373065922578],
  [10, -3, 0.001],
  [5e-324, 0.25, 1.4908919308538353e-81],
  [0, 0, 1],
  [1, Number.NaN, 1],
  [0, 2, 0],
  [0, -2, Infinity],
  [Infinity, 2, Infinity],
  [Infinity, -2, 0],
  [0.5, Infinity, Number.NaN],
  [0.5, 1e308, 0],
  [2, 1e308, Infinity],
  [-2, 3, Number.NaN],
  [Number.NaN, 2, Number.NaN],
  [2, Number.NaN, Number.NaN]
])('pow(%s, %s) is %s to the last bit', (x, y, expected) => {
  expect(pow(x, y)).toBe(expected)
})
