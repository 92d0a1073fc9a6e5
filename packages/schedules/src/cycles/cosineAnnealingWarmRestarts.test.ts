import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosineDecaySchedule } from '../decay/cosineDecaySchedule.js'
import {
  aLength,
  aStep,
  aValue,
  between,
  expectGolden,
  near,
  refuses,
  refusesBadSteps,
  rounding
} from '../internal/testing.js'
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

  test('is what timm 1.0.29 gives where cycles get longer by half and lower, and shorter and higher', () => {
    const longer = cosineAnnealingWarmRestarts({ initValue: 1, t0: 5, tMult: 1.5, mMult: 0.5 })
    expectGolden(longer, [
      [0, 1.0],
      [4, 0.09549150281252633],
      [5, 0.5],
      [12, 0.005463099816548578],
      [13, 0.2487835085926963],
      [23, 0.002731549908274289],
      [24, 0.12493231945865779],
      [40, 0.00042260264112856105],
      [59, 0.010885711599329526]
    ])
    const shorter = cosineAnnealingWarmRestarts({ initValue: 1, t0: 8, tMult: 0.5, mMult: 1.5 })
    expectGolden(shorter, [
      [0, 1.0],
      [7, 0.03806023374435663],
      [8, 1.5],
      [11, 0.2196699141100894],
      [12, 2.25],
      [13, 1.125],
      [14, 3.375]
    ])
  })

  test('is its cycles, one after the other, for any factor between their lengths', () => {
    fc.assert(
      fc.property(aLength, fc.double({ min: 0.3, max: 3, noNaN: true }), fc.nat(300), (t0, tMult, step) => {
        let [cycle, begin, length] = [0, 0, t0]
        while (step >= begin + length && length > 1e-3) {
          begin += length
          length *= tMult
          cycle += 1
        }
        // Near a restart either side is right: where it is has been rounded.
        const share = (step - begin) / length
        if (length <= 1e-3 || Math.min(share, 1 - share) < 1e-6) return true
        const value = cosineAnnealingWarmRestarts({ initValue: 1, t0, tMult, mMult: 0.75 })(step)
        return Math.abs(value - (0.75 ** cycle * (1 + Math.cos(Math.PI * share))) / 2) <= 1e-9
      })
    )
  })

  test('cycles that get shorter come to an end', () => {
    const schedule = cosineAnnealingWarmRestarts({ initValue: 1, t0: 8, tMult: 0.5, endValue: 0.25 })
    expect([8, 12, 14, 16, 17, 1e15].map(schedule)).toStrictEqual([1, 1, 1, 0.25, 0.25, 0.25])
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
    ['cosineAnnealingWarmRestarts: tMult must be a finite number > 0, got 0', make({ tMult: 0 })],
    ['cosineAnnealingWarmRestarts: endValue must be a finite number, got Infinity', make({ endValue: Infinity })],
    ['cosineAnnealingWarmRestarts: mMult must be a finite number > 0, got -1', make({ mMult: -1 })],
    [
      'cosineAnnealingWarmRestarts: there is no option etaMin; there are initValue, t0, tMult, endValue, mMult',
      make({ etaMin: 0 })
    ]
  ])
  refusesBadSteps('cosineAnnealingWarmRestarts', cosineAnnealingWarmRestarts(good))
})
