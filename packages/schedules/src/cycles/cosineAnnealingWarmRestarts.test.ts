import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosineDecaySchedule } from '../decay/cosineDecaySchedule.js'
import { aLength, aStep, aValue, between, near, refuses, refusesBadSteps, rounding } from '../internal/testing.js'
import { type CosineAnnealingWarmRestartsOptions, cosineAnnealingWarmRestarts } from './cosineAnnealingWarmRestarts.js'
import { sgdrSchedule } from './sgdrSchedule.js'

const someOptions = fc.record({
  initValue: aValue,
  t0: aLength,
  tMult: fc.integer({ min: 1, max: 4 }),
  endValue: aValue,
  mMult: fc.oneof(fc.constant(1), fc.double({ min: 0.1, max: 1, noNaN: true }))
})
const scaleOf = ({ initValue, endValue }: { initValue: number; endValue: number }) =>
  Math.max(Math.abs(initValue), Math.abs(endValue))

describe('cosineAnnealingWarmRestarts', () => {
  test('is the cycles of sgdrSchedule, written out', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(300), (options, step) => {
        const { initValue, t0, tMult, endValue, mMult } = options
        const cycles = Array.from({ length: 12 }, (_, k) => ({
          initValue: 0,
          peakValue: endValue + (initValue - endValue) * mMult ** k,
          warmupSteps: 0,
          decaySteps: t0 * tMult ** k,
          endValue
        }))
        const total = cycles.reduce((sum, { decaySteps }) => sum + decaySteps, 0)
        const value = cosineAnnealingWarmRestarts(options)(step)
        // endValue / peakValue, which sgdrSchedule takes the end as, is a long way from both where the peak is small.
        const expected = sgdrSchedule(cycles)(step)
        return step >= total || near(value, expected, scaleOf(options), 32)
      })
    )
  })

  test('jumps back at every restart, for ever', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(12), (options, k) => {
        const { t0, tMult, initValue } = options
        const restart = tMult === 1 ? k * t0 : (t0 * (tMult ** k - 1)) / (tMult - 1)
        return near(cosineAnnealingWarmRestarts({ ...options, mMult: 1 })(restart), initValue, scaleOf(options))
      })
    )
    const schedule = cosineAnnealingWarmRestarts({ initValue: 8, t0: 10 })
    expect([1e9, 1e9 + 5, 1e15].map(schedule)).toStrictEqual([8, 4, 8])
  })

  test('has the period T₀ for tMult 1, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(100), fc.nat(100), (options, k, step) => {
        const schedule = cosineAnnealingWarmRestarts({ ...options, tMult: 1, mMult: 1 })
        return Object.is(schedule(step), schedule(step + k * options.t0))
      })
    )
  })

  test('in the first cycle is the cosine decay', () => {
    fc.assert(
      fc.property(someOptions, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (options, share) => {
        const { initValue, t0, endValue } = options
        const step = share * t0
        if (step >= t0) return true
        const decay = endValue + cosineDecaySchedule({ initValue: initValue - endValue, decaySteps: t0 })(step)
        return near(cosineAnnealingWarmRestarts(options)(step), decay, scaleOf(options))
      })
    )
  })

  test('decreases within a cycle, for a start above the end, and stays between the two', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(100), aStep, (options, k, step) => {
        const initValue = Math.max(options.initValue, options.endValue)
        const schedule = cosineAnnealingWarmRestarts({ ...options, initValue, tMult: 1 })
        const [now, next] = [schedule(k), schedule(k + 1)]
        const restarts = (k + 1) % options.t0 === 0
        const falls = restarts || next <= now + rounding(scaleOf(options), 8)
        return falls && between(schedule(step), options.endValue, initValue)
      })
    )
  })

  test('has the values worked out by hand', () => {
    const schedule = cosineAnnealingWarmRestarts({ initValue: 8, t0: 10, tMult: 2, endValue: 0, mMult: 0.5 })
    expect([0, 5, 10, 20, 30, 50, 70].map(schedule)).toStrictEqual([8, 4, 4, 2, 2, 1, 1])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- t0 is required
    expect(() => cosineAnnealingWarmRestarts({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, t0: 4 }
  const make = (options: object) => () =>
    cosineAnnealingWarmRestarts({ ...good, ...options } as CosineAnnealingWarmRestartsOptions)
  refuses([
    ['cosineAnnealingWarmRestarts: initValue must be a finite number, got NaN', make({ initValue: Number.NaN })],
    ['cosineAnnealingWarmRestarts: t0 must be a whole number ≥ 1, got 0', make({ t0: 0 })],
    ['cosineAnnealingWarmRestarts: tMult must be a whole number ≥ 1, got 1.5', make({ tMult: 1.5 })],
    ['cosineAnnealingWarmRestarts: endValue must be a finite number, got Infinity', make({ endValue: Infinity })],
    ['cosineAnnealingWarmRestarts: mMult must be in (0, 1], got 2', make({ mMult: 2 })],
    [
      'cosineAnnealingWarmRestarts: there is no option etaMin; there are initValue, t0, tMult, endValue, mMult',
      make({ etaMin: 0 })
    ]
  ])
  refusesBadSteps('cosineAnnealingWarmRestarts', cosineAnnealingWarmRestarts(good))
})
