import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type RsqrtScheduleOptions, rsqrtSchedule } from './rsqrtSchedule.js'

const aWidth = fc.integer({ min: 1, max: 4096 })
const anOffset = fc.constantFrom(0 as const, 1 as const)

describe('rsqrtSchedule', () => {
  test('given the width of the model is the formula of the paper, steps counted from 1', () => {
    fc.assert(
      fc.property(aWidth, aLength, aValue, fc.nat(10_000), (dModel, warmupSteps, scale, step) => {
        const n = step + 1
        const expected = scale * dModel ** -0.5 * Math.min(n ** -0.5, n * warmupSteps ** -1.5)
        return near(rsqrtSchedule({ dModel, warmupSteps, scale })(step), expected, expected, 16)
      })
    )
  })

  test('the two forms agree where the peak is scale / √(d · W)', () => {
    fc.assert(
      fc.property(aWidth, aLength, anOffset, aStep, (dModel, warmupSteps, warmupOffset, step) => {
        const peakValue = 1 / Math.sqrt(dModel * warmupSteps)
        const byPeak = rsqrtSchedule({ peakValue, warmupSteps, warmupOffset })(step)
        return Object.is(byPeak, rsqrtSchedule({ dModel, warmupSteps, warmupOffset })(step))
      })
    )
  })

  test('has its peak at the end of the warmup, is continuous there, and no other value is larger', () => {
    fc.assert(
      fc.property(aLength, fc.double({ min: 1, max: 100, noNaN: true }), aStep, (warmupSteps, timescale, step) => {
        const schedule = rsqrtSchedule({ peakValue: 3, warmupSteps, timescale })
        const before = schedule(warmupSteps * (1 - 2 ** -40))
        return schedule(warmupSteps) === 3 && near(before, 3, 3, 2 ** 14) && schedule(step) <= 3 && schedule(step) >= 0
      })
    )
  })

  test('falls by √2 in its timescale, and to a half at four times the step where that is the warmup', () => {
    expect([0, 50, 100, 400, 1600].map(rsqrtSchedule({ peakValue: 1, warmupSteps: 100 }))).toStrictEqual([
      0, 0.5, 1, 0.5, 0.25
    ])
    const late = rsqrtSchedule({ peakValue: 1, warmupSteps: 100, timescale: 7 })
    expect([100, 107, 121].map(late)).toStrictEqual([1, Math.sqrt(0.5), 0.5])
  })

  test('without a warmup begins at its peak', () => {
    expect([0, 3, 15].map(rsqrtSchedule({ peakValue: 1, warmupSteps: 0, timescale: 1 }))).toStrictEqual([1, 0.5, 0.25])
  })

  test('begins at 0 by its peak, and at a first part by the width; an offset shifts all of it', () => {
    expect(rsqrtSchedule({ dModel: 4, warmupSteps: 4 })(0)).toBe(0.25 / 4)
    expect(rsqrtSchedule({ dModel: 4, warmupSteps: 4, warmupOffset: 0 })(0)).toBe(0)
    fc.assert(
      fc.property(aLength, fc.nat(500), (warmupSteps, step) => {
        const early = rsqrtSchedule({ peakValue: 2, warmupSteps, warmupOffset: 1 })
        return Object.is(early(step), rsqrtSchedule({ peakValue: 2, warmupSteps })(step + 1))
      })
    )
  })

  const make = (options: object) => () => rsqrtSchedule(options as RsqrtScheduleOptions)
  const byPeak = { peakValue: 1, warmupSteps: 4 }
  const byWidth = { dModel: 64, warmupSteps: 4 }
  refuses([
    [
      'rsqrtSchedule: peakValue must be a finite number where no dModel is given, got undefined',
      make({ warmupSteps: 4 })
    ],
    ['rsqrtSchedule: peakValue must be left out where dModel is given, got 1', make({ ...byWidth, peakValue: 1 })],
    ['rsqrtSchedule: timescale must be left out where dModel is given, got 1', make({ ...byWidth, timescale: 1 })],
    ['rsqrtSchedule: scale must be left out where no dModel is given, got 2', make({ ...byPeak, scale: 2 })],
    ['rsqrtSchedule: dModel must be a whole number ≥ 1, got 0', make({ ...byWidth, dModel: 0 })],
    ['rsqrtSchedule: warmupSteps must be a whole number ≥ 1, got 0', make({ ...byWidth, warmupSteps: 0 })],
    ['rsqrtSchedule: warmupSteps must be a whole number ≥ 0, got -1', make({ ...byPeak, warmupSteps: -1 })],
    ['rsqrtSchedule: timescale must be a finite number > 0, got undefined', make({ ...byPeak, warmupSteps: 0 })],
    ['rsqrtSchedule: timescale must be a finite number > 0, got 0', make({ ...byPeak, timescale: 0 })],
    ['rsqrtSchedule: scale must be a finite number, got NaN', make({ ...byWidth, scale: Number.NaN })],
    ['rsqrtSchedule: warmupOffset must be one of 0, 1, got 2', make({ ...byPeak, warmupOffset: 2 })],
    [
      'rsqrtSchedule: there is no option factor; there are peakValue, warmupSteps, timescale, warmupOffset, dModel, scale',
      make({ ...byPeak, factor: 2 })
    ]
  ])
  refusesBadSteps('rsqrtSchedule', rsqrtSchedule({ peakValue: 1, warmupSteps: 4 }))
})
