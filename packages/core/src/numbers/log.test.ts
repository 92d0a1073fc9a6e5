import fc from 'fast-check'
import { expect, test } from 'vitest'
import { log } from './log.js'
import { ulpsBetween } from './testing.js'

const positive = fc.oneof(
  fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: 0.5, max: 2, noNaN: true }),
  fc.double({ min: 5e-324, max: 1e-300, noNaN: true })
)

test('is ln x within two units of the last place of what the engine says, over the whole range', () => {
  // Each is within one of what is true.
  fc.assert(fc.property(positive, (x) => ulpsBetween(log(x), Math.log(x)) <= 2))
})

test('rises with x', () => {
  fc.assert(fc.property(positive, positive, (a, b) => log(Math.min(a, b)) <= log(Math.max(a, b))))
})

test.each([
  [1, 0],
  [3, 1.0986122886681096],
  [0.25, -1.3862943611198906],
  [1.41, 0.34358970439007686],
  [1.42, 0.35065687161316933],
  [7.5, 2.0149030205422647],
  [5e-324, -744.4400719213812],
  [1.7976931348623157e308, 709.782712893384],
  [0, -Infinity],
  [-0, -Infinity],
  [Infinity, Infinity],
  [-1, Number.NaN],
  [Number.NaN, Number.NaN]
])('log(%s) is %s to the last bit', (x, expected) => {
  expect(log(x)).toBe(expected)
})
