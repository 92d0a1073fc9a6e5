import { describe, expect, test } from 'vitest'
import { emitted, expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule, FOURTEEN } from '../internal/testing/rules.js'
import { type ScaleByVsgdOptions, scaleByVsgd } from './scaleByVsgd.js'

describe('scaleByVsgd', () => {
  test.each([
    { noiseRatio: 30, priorStrength: 1e-8, tau1: 0.81, tau2: 0.9, eps: 1e-8 },
    { noiseRatio: 3, priorStrength: 0.5, tau1: 0.25, tau2: 1, eps: 0.01 },
    { noiseRatio: 0.5, priorStrength: 0.125, tau1: 0, tau2: 0.5, eps: 0 }
  ])('weighs the gradient by what is known of noise and drift with %o', (options) => {
    const { noiseRatio, priorStrength, tau1, tau2, eps } = options
    const a = 2 * priorStrength + 1 + 1e-4
    expectRule(
      scaleByVsgd(options),
      each(() => {
        let [mean, drift, noise] = [0, 0, 0]
        return (g, t) => {
          const s = t === 1 ? (2 * priorStrength) / (a - 1) : drift / a
          const n = t === 1 ? (2 * noiseRatio * priorStrength) / (a - 1) : noise / a
          const next = (g * s + mean * n) / (s + n)
          const variance = (s * n) / (s + n)
          const [r1, r2] = [t ** -tau1, t ** -tau2]
          drift = (1 - r1) * drift + r1 * (2 * priorStrength + variance + (next - mean) ** 2)
          noise = (1 - r2) * noise + r2 * (2 * noiseRatio * priorStrength + variance + (next - g) ** 2)
          mean = next
          return next / (Math.sqrt(next * next + variance) + eps)
        }
      })
    )
  })

  test('is at most 1', () => {
    for (const row of emitted(scaleByVsgd({ eps: 0 }), FOURTEEN)) {
      for (const u of row) expect(Math.abs(u)).toBeLessThanOrEqual(1)
    }
  })

  test('does not change when its options are spelled out', () => {
    const all = { noiseRatio: 30, priorStrength: 1e-8, tau1: 0.81, tau2: 0.9, eps: 1e-8 }
    expectSame(scaleByVsgd(all), scaleByVsgd(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByVsgd())
    expectFloat32InChain(scaleByVsgd({ accumulatorDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByVsgd(options as ScaleByVsgdOptions)
  refuses([
    ['scaleByVsgd: noiseRatio must be a finite number > 0, got 0', make({ noiseRatio: 0 })],
    ['scaleByVsgd: priorStrength must be a finite number > 0, got 0', make({ priorStrength: 0 })],
    ['scaleByVsgd: tau1 must be in [0, 1], got 2', make({ tau1: 2 })],
    ['scaleByVsgd: tau2 must be in [0, 1], got -1', make({ tau2: -1 })],
    ['scaleByVsgd: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
