import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cosPi } from './cosPi.js'

const share = fc.double({ min: 0, max: 1, noNaN: true })

test('is cos(π t)', () => {
  // π t is rounded on its way to Math.cos: by half a unit in the last place of π, 2.2e-16.
  fc.assert(fc.property(share, (t) => Math.abs(cosPi(t) - Math.cos(Math.PI * t)) <= 4e-16))
})

test('is even, has the period 2, and turns its sign after 1', () => {
  // Of 1/64 all sums are exact.
  const t = fc.integer({ min: 0, max: 256 }).map((n) => n / 64)
  fc.assert(
    fc.property(t, fc.nat(1000), (at, turns) => {
      const value = cosPi(at)
      return (
        Object.is(cosPi(-at), value) &&
        Object.is(cosPi(at + 2 * turns), value) &&
        Object.is(cosPi(at + 1) + 0, -value + 0)
      )
    })
  )
})

test('falls from 1 to −1, up to rounding', () => {
  fc.assert(fc.property(share, share, (a, b) => cosPi(Math.min(a, b)) >= cosPi(Math.max(a, b)) - 2 ** -52))
})

test.each([
  [0, 1],
  [0.125, 0.9238795325112867],
  [0.25, Math.SQRT1_2],
  [1 / 3, 0.5],
  [0.5, 0],
  [0.75, -Math.SQRT1_2],
  [1, -1],
  [Infinity, Number.NaN],
  [Number.NaN, Number.NaN]
])('cosPi(%s) is %s to the last bit', (t, expected) => {
  expect(cosPi(t)).toBe(expected)
})
