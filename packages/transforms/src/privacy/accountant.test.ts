import { InvalidOption } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { type NoiseMultiplierForOptions, noiseMultiplierFor } from './noiseMultiplierFor.js'
import { type PrivacySpentOptions, type PrivatePhase, privacySpent } from './privacySpent.js'

const aPhase = fc.record({
  noiseMultiplier: fc.double({ min: 0.3, max: 20, noNaN: true }),
  sampleRate: fc.oneof(fc.double({ min: 1e-6, max: 1, noNaN: true }), fc.constant(1)),
  steps: fc.integer({ min: 1, max: 10_000 })
})
// Each looks at all orders, and a search at all of them some forty times.
const few = { numRuns: 20 }
const veryFew = { numRuns: 4 }

describe('privacySpent', () => {
  test('is the formula, for one update with all examples', () => {
    // ρ(α) = α / 2σ².
    const orders = Array.from({ length: 255 }, (_, i) => i + 2)
    const [sigma, delta] = [2, 1e-6]
    const wanted = orders.map((a) => a / (2 * sigma * sigma) + Math.log((a - 1) / a) - Math.log(delta * a) / (a - 1))
    const { epsilon, order } = privacySpent({ phases: { noiseMultiplier: sigma, sampleRate: 1, steps: 1 }, delta })
    expect(epsilon).toBeCloseTo(Math.min(...wanted), 12)
    expect(order).toBe(orders[wanted.indexOf(Math.min(...wanted))])
  })

  test('phases may change places', () => {
    fc.assert(
      fc.property(aPhase, aPhase, (a, b) => {
        const [there, back] = [
          [a, b],
          [b, a]
        ].map((phases) => privacySpent({ phases, delta: 1e-5 }).epsilon)
        expect(there).toBe(back)
      }),
      few
    )
  })

  test('a phase is the same in two parts', () => {
    fc.assert(
      fc.property(aPhase, fc.integer({ min: 1, max: 1000 }), (phase, more) => {
        const whole = privacySpent({ phases: { ...phase, steps: phase.steps + more }, delta: 1e-5 })
        const parts = privacySpent({ phases: [phase, { ...phase, steps: more }], delta: 1e-5 })
        expect(Math.abs(parts.epsilon - whole.epsilon)).toBeLessThanOrEqual(1e-9 * (1 + whole.epsilon))
      }),
      few
    )
  })

  test('falls with the noise and with δ, and grows with the batch and the steps', () => {
    fc.assert(
      fc.property(aPhase, fc.double({ min: 1e-9, max: 0.1, noNaN: true }), (phase, delta) => {
        const spent = (change: Partial<PrivatePhase>, d = delta) =>
          privacySpent({ phases: { ...phase, ...change }, delta: d }).epsilon
        const here = spent({}) * (1 + 1e-12)
        expect(spent({ noiseMultiplier: phase.noiseMultiplier * 1.5 })).toBeLessThanOrEqual(here)
        expect(spent({ sampleRate: phase.sampleRate / 2 })).toBeLessThanOrEqual(here)
        expect(spent({ steps: Math.ceil(phase.steps / 2) })).toBeLessThanOrEqual(here)
        expect(spent({}, delta * 2)).toBeLessThanOrEqual(here)
        expect(here).toBeGreaterThanOrEqual(0)
      }),
      few
    )
  })

  const phases = { noiseMultiplier: 1, sampleRate: 0.5, steps: 1 }
  const make = (options: object) => () => privacySpent(options as PrivacySpentOptions)
  refuses([
    ['privacySpent: phases must be a phase or a list of at least one, got undefined', make({ delta: 0.1 })],
    ['privacySpent: phases must be a phase or a list of at least one, got []', make({ phases: [], delta: 0.1 })],
    ['privacySpent: delta must be in (0, 1), got 0', make({ phases, delta: 0 })],
    ['privacySpent: delta must be in (0, 1), got 1', make({ phases, delta: 1 })],
    [
      'privacySpent: noiseMultiplier must be a finite number > 0, got 0',
      make({ phases: { ...phases, noiseMultiplier: 0 }, delta: 0.1 })
    ],
    [
      'privacySpent: sampleRate must be in (0, 1], got 256',
      make({ phases: [{ ...phases, sampleRate: 256 }], delta: 0.1 })
    ],
    [
      'privacySpent: steps must be a whole number ≥ 1, got 0.5',
      make({ phases: { ...phases, steps: 0.5 }, delta: 0.1 })
    ],
    [
      'privacySpent: steps must be a whole number ≥ 1, got undefined',
      make({ phases: { noiseMultiplier: 1, sampleRate: 1 }, delta: 0.1 })
    ]
  ])
})

describe('noiseMultiplierFor', () => {
  test('is the least noise that is enough', () => {
    fc.assert(
      fc.property(aPhase, fc.double({ min: 0.5, max: 10, noNaN: true }), ({ sampleRate, steps }, epsilon) => {
        const noiseMultiplier = noiseMultiplierFor({ epsilon, delta: 1e-5, sampleRate, steps })
        const spent = (noise: number) =>
          privacySpent({ phases: { noiseMultiplier: noise, sampleRate, steps }, delta: 1e-5 }).epsilon
        expect(spent(noiseMultiplier)).toBeLessThanOrEqual(epsilon)
        expect(spent(noiseMultiplier * (1 - 1e-6))).toBeGreaterThan(epsilon)
      }),
      veryFew
    )
  })

  const options = { epsilon: 1, delta: 1e-5, sampleRate: 0.01, steps: 10 }
  const make = (change: object) => () => noiseMultiplierFor({ ...options, ...change } as NoiseMultiplierForOptions)
  refuses([
    ['noiseMultiplierFor: epsilon must be a finite number > 0, got 0', make({ epsilon: 0 })],
    ['noiseMultiplierFor: delta must be in (0, 1), got 2', make({ delta: 2 })],
    ['noiseMultiplierFor: sampleRate must be in (0, 1], got 0', make({ sampleRate: 0 })],
    ['noiseMultiplierFor: steps must be a whole number ≥ 1, got 0', make({ steps: 0 })],
    ['noiseMultiplierFor: there is no option q; there are epsilon, delta, sampleRate, steps', make({ q: 1 })]
  ])

  test('refuses an ε that these orders cannot show', () => {
    expect(make({ epsilon: 1e-3, delta: 1e-9 })).toThrow(InvalidOption)
    expect(make({ epsilon: 1e-3, delta: 1e-9 })).toThrow(
      /^noiseMultiplierFor: epsilon must be one that some noise gives, at least 0\.05\d*, got 0\.001$/
    )
  })
})
