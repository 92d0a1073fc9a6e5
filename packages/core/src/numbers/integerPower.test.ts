import fc from 'fast-check'
import { expect, test } from 'vitest'
import { integerPower } from './integerPower.js'
import { ulpsBetween } from './testing.js'

/** xⁿ for 0 < x < 1, exact until it is rounded once: by whole numbers. */
const exact = (x: number, n: number): number => {
  // x = whole / 2^1074
  const whole = BigInt(x * 2 ** 53) // for multiples of 2⁻⁵³
  const power = whole ** BigInt(n)
  const shift = BigInt(53 * n)
  // 80 digits, whose last may stand for all that were cut off.
  const cut = BigInt(Math.max(0, power.toString(2).length - 80))
  const digits = power >> cut
  const sticky = digits << cut === power ? 0n : 1n
  return Number((digits << 1n) | sticky) * 2 ** Number(cut - shift - 1n)
}

test('is xⁿ rounded once', () => {
  const x = fc.integer({ min: 1, max: 2 ** 53 - 1 }).map((n) => n / 2 ** 53)
  const near = fc.integer({ min: 1, max: 10 ** 6 }).map((n) => 1 - n / 2 ** 23)
  fc.assert(
    fc.property(fc.oneof(x, near), fc.integer({ min: 1, max: 300 }), (base, n) => {
      const expected = exact(base, n)
      // Below, factors have lost digits that the parts cannot hold.
      return expected < 1e-290 || ulpsBetween(integerPower(base, n), expected) <= 1
    })
  )
})

test('is alternating for a negative x, and of any size', () => {
  const x = fc.double({ min: 0, max: 10, noNaN: true })
  fc.assert(
    fc.property(x, fc.integer({ min: 0, max: 5000 }), (base, n) => {
      const power = integerPower(base, n)
      return power >= 0 && integerPower(-base, n) === (n % 2 === 0 ? power : -power)
    })
  )
})

test.each([
  [0.999, 921, 0.3979373065922578],
  [0.9, 10 ** 6, 0],
  [0.5, 1074, 5e-324],
  [0.5, 2 ** 52, 0],
  [2, 2 ** 52, Infinity],
  [-2, 2 ** 52 + 1, -Infinity],
  [0, 0, 1],
  [0, 3, 0],
  [7, 1, 7],
  [1 - 2 ** -53, 2 ** 53 - 1, 0.36787944117144233],
  [Number.NaN, 2, Number.NaN]
])('integerPower(%s, %s) is %s to the last bit', (x, n, expected) => {
  expect(integerPower(x, n)).toBe(expected)
})
