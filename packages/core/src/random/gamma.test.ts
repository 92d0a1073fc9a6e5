import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as random from './index.js'

const DTYPES = ['float32', 'float64'] as const
const aKey = fc.maxSafeInteger().map(random.key)

/** ln Γ(1 + x) for x ≥ 0, by Stirling's series behind Γ(1 + x) = Γ(11 + x) / ((1 + x) … (10 + x)). */
const logGamma1 = (x: number): number => {
  let shift = 0
  for (let k = 1; k <= 10; k++) shift += Math.log(x + k)
  const z = x + 11
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * z) - 1 / (360 * z ** 3) - shift
}

/** P(X < eᵗ) of a gamma distribution of shape a: its power series. */
const gammaBelow = (a: number, t: number): number => {
  const x = Math.exp(t)
  let term = 1
  let total = 1
  for (let k = 1; k < 2000 && term > 1e-17 * total; k++) {
    term *= x / (a + k)
    total += term
  }
  return Math.exp(a * t - x - logGamma1(a)) * total
}

/** The largest distance between what numbers are below and how many there should be, in units of 1/√n. */
const kolmogorovSmirnov = (numbers: ArrayLike<number>, below: (x: number) => number): number => {
  const sorted = Array.from(numbers).sort((x, y) => x - y)
  const n = sorted.length
  const distances = sorted.map((x, i) => Math.max(Math.abs(below(x) - i / n), Math.abs(below(x) - (i + 1) / n)))
  return Math.sqrt(n) * Math.max(...distances)
}

// A right generator is farther off once in 2 · 10⁶ times.
const FAR = 2.75

describe.each(DTYPES)('%s', (dtype) => {
  test.each([0.01, 0.1, 0.9, 1, 1.5, 7, 40])('loggamma numbers of shape %s are spread as they should be', (a) => {
    fc.assert(
      fc.property(aKey, (key) => {
        const { data } = random.loggamma(key, a, [3000], { dtype })
        expect(kolmogorovSmirnov(data, (t) => gammaBelow(a, t))).toBeLessThan(FAR)
      }),
      { numRuns: 2 }
    )
  })

  test.each([0.01, 0.3, 1, 2.5, 100])('loggamma numbers of shape %s are the logarithms of gamma numbers', (a) => {
    fc.assert(
      fc.property(aKey, (key) => {
        const numbers = random.gamma(key, a, [50], { dtype }).data
        const unit = dtype === 'float32' ? 2 ** -20 : 2 ** -44
        random.loggamma(key, a, [50], { dtype }).data.forEach((x, i) => {
          const least = dtype === 'float32' ? -80 : -700
          if (x > least) expect(Math.abs(Math.log(numbers[i] as number) - x)).toBeLessThan(unit * (1 + Math.abs(x)))
        })
      }),
      { numRuns: 10 }
    )
  })

  test('no more gamma numbers of a small shape are 0 than there are too small to be written', () => {
    const n = 4000
    const least = dtype === 'float32' ? 2 ** -149 : 2 ** -1074
    fc.assert(
      fc.property(aKey, fc.constantFrom(0.001, 0.01, 0.05), (key, a) => {
        const { data } = random.gamma(key, a, [n], { dtype })
        const zeros = data.filter((x) => x === 0).length / n
        const wanted = gammaBelow(a, Math.log(least) - Math.LN2)
        expect(Math.abs(zeros - wanted)).toBeLessThan(6 * Math.sqrt((wanted * (1 - wanted)) / n) + 1e-3)
      }),
      { numRuns: 3 }
    )
  })

  test.each([
    ['uniform', 1, 1, (x: number) => x],
    ['a power', 0.05, 1, (x: number) => x ** 0.05],
    ['a power from the other end', 1, 3, (x: number) => 1 - (1 - x) ** 3],
    ['an arcsine', 0.5, 0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    ['a parabola', 2, 2, (x: number) => x * x * (3 - 2 * x)]
  ] as const)('beta numbers are spread as they should be: %s', (_, a, b, below) => {
    fc.assert(
      fc.property(aKey, (key) => {
        expect(kolmogorovSmirnov(random.beta(key, a, b, [3000], { dtype }).data, below)).toBeLessThan(FAR)
      }),
      { numRuns: 3 }
    )
  })

  test('beta numbers of any shapes are in [0, 1]', () => {
    const aShape = fc.double({ min: 1e-300, max: 1e300, noNaN: true }).filter((x) => x > 0)
    fc.assert(
      fc.property(aKey, aShape, aShape, (key, a, b) => {
        expect([...random.beta(key, a, b, [20], { dtype }).data].every((x) => x >= 0 && x <= 1)).toBe(true)
      })
    )
  })

  test('gamma numbers of any shape are ≥ 0 and not NaN', () => {
    const aShape = fc.double({ min: 1e-300, max: 1e30, noNaN: true })
    fc.assert(
      fc.property(aKey, aShape, (key, a) => {
        expect([...random.gamma(key, a, [20], { dtype }).data].every((x) => x >= 0 && x < Infinity)).toBe(true)
      })
    )
  })
})

test('the two shapes of a beta distribution stand at the right ends', () => {
  const { data } = random.beta(random.key(1), 9, 1, [1000])
  expect(data.reduce((total, x) => total + x, 0) / 1000).toBeGreaterThan(0.85)
})
