import { force, grad, InvalidOption, InvalidTree, ndarray, type Operand, read } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { importanceWeights } from './importanceWeights.js'

// Doubles alone are nearly all tiny.
const aRatio = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -5000, max: 5000 }).map((i) => i / 1000) },
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.constant(-Infinity)
)
const ratios = fc
  .array(aRatio, { minLength: 1, maxLength: 12 })
  .filter((all) => all.some((x) => x > -Infinity))
  .map((all) => Float64Array.from(all))
const aClip = fc.oneof(fc.double({ min: 1, max: 5, noNaN: true }), fc.constant(Infinity))

const of = (given: Float64Array, clip: number): readonly [readonly number[], number] => {
  const { weights, effectiveSampleSize } = importanceWeights(given, { clip })
  return [[...(force(weights) as Float64Array)], read(effectiveSampleSize)]
}

test('is its definition', () => {
  fc.assert(
    fc.property(ratios, aClip, (given, clip) => {
      const r = [...given].map(Math.exp)
      const mean = r.reduce((total, x) => total + x, 0) / r.length
      const kept = r.map((x) => Math.min(x, clip * mean))
      const sum = kept.reduce((total, x) => total + x, 0)
      const [weights, size] = of(given, clip)
      kept.forEach((x, i) => expect(Math.abs(x / sum - (weights[i] as number))).toBeLessThan(1e-12))
      expect(Math.abs(size * weights.reduce((total, w) => total + w * w, 0) - 1)).toBeLessThan(1e-12)
    })
  )
})

test('weights sum to 1, and are worth between one example and all', () => {
  fc.assert(
    fc.property(ratios, aClip, (given, clip) => {
      const [weights, size] = of(given, clip)
      expect(weights.every((w) => w >= 0)).toBe(true)
      expect(Math.abs(weights.reduce((total, w) => total + w, 0) - 1)).toBeLessThan(1e-13)
      expect(size).toBeGreaterThanOrEqual(1 - 1e-12)
      expect(size).toBeLessThanOrEqual(given.length * (1 + 1e-12))
    })
  )
})

test('a factor of all ratios changes nothing, however large, and a smaller clip makes no fewer examples count', () => {
  fc.assert(
    fc.property(ratios, aClip, aClip, fc.constantFrom(-2000, 3, 1000), (given, a, b, by) => {
      const [weights, size] = of(given, a)
      of(
        given.map((x) => x + by),
        a
      )[0].forEach((w, i) => expect(Math.abs(w - (weights[i] as number))).toBeLessThan(1e-9))
      expect(of(given, Math.min(a, b))[1]).toBeGreaterThanOrEqual(size * (Math.min(a, b) < a ? 1 - 1e-12 : 0))
    })
  )
})

test('equal ratios give equal weights, in any shape; clip 1 bounds them before they are divided by their sum', () => {
  const found = importanceWeights(ndarray([5, 5, 5, 5], [2, 2]))
  expect(force(found.weights)).toStrictEqual(ndarray([0.25, 0.25, 0.25, 0.25], [2, 2]))
  expect(read(found.effectiveSampleSize)).toBe(4)
  // Ratios 1, 1 and 4 of mean 2.
  expect(of(Float64Array.of(0, 0, Math.log(4)), 1)[0].map((w) => w.toFixed(12))).toStrictEqual(
    [0.25, 0.25, 0.5].map((w) => w.toFixed(12))
  )
})

test('has derivatives', () => {
  const size = (x: Operand) => importanceWeights(x).effectiveSampleSize
  const found = grad(size)(Float64Array.of(0, 1))
  // More of the larger makes fewer count, and a common factor nothing.
  expect(found[1]).toBeLessThan(0)
  expect(Math.abs((found[0] as number) + (found[1] as number))).toBeLessThan(1e-12)
})

test('refuses a clip below 1, and a number', () => {
  expect(() => importanceWeights([1] as never, { clip: 0.5 })).toThrow(
    new InvalidOption('importanceWeights: clip must be a number ≥ 1, got 0.5')
  )
  expect(() => importanceWeights(1)).toThrow(new InvalidTree('importanceWeights: logRatios must be an array, got 1'))
})
