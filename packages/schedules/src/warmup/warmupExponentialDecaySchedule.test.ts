import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinSchedules } from '../algebra/joinSchedules.js'
import { exponentialDecay } from '../decay/exponentialDecay.js'
import { linearSchedule } from '../decay/linearSchedule.js'
import { aLength, aStep, aValue, aWait, expectGolden, refuses, refusesBadSteps } from '../internal/testing.js'
import {
  type WarmupExponentialDecayScheduleOptions,
  warmupExponentialDecaySchedule
} from './warmupExponentialDecaySchedule.js'

const someOptions = fc.record({
  initValue: aValue,
  peakValue: aValue,
  warmupSteps: aWait,
  transitionSteps: aLength,
  decayRate: fc.double({ min: 0.05, max: 20, noNaN: true }),
  transitionBegin: aWait,
  staircase: fc.boolean(),
  endValue: fc.option(aValue, { nil: undefined })
})

describe('warmupExponentialDecaySchedule', () => {
  test('is the linear schedule and the exponential decay joined, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, peakValue, warmupSteps, ...decay } = options
        const parts = [
          linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }),
          exponentialDecay({ initValue: peakValue, ...decay })
        ]
        return Object.is(warmupExponentialDecaySchedule(options)(step), joinSchedules(parts, [warmupSteps])(step))
      })
    )
  })

  test('is exactly at peakValue after the warmup while the decay waits, without a bound', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(32), (options, wait) => {
        const schedule = warmupExponentialDecaySchedule({ ...options, endValue: undefined })
        return Object.is(schedule(options.warmupSteps + Math.min(wait, options.transitionBegin)), options.peakValue)
      })
    )
  })

  test('decays at once, all the time and without a bound unless told otherwise', () => {
    const options = { initValue: 0, peakValue: 8, warmupSteps: 2, transitionSteps: 2, decayRate: 0.25 }
    const schedule = warmupExponentialDecaySchedule(options)
    expect([0, 1, 2, 3, 4, 102].map(schedule)).toStrictEqual([0, 4, 8, 4, 2, 8 * 0.25 ** 50])
  })

  test('is what Optax gives', () => {
    const options = {
      initValue: 0.01,
      peakValue: 0.4,
      warmupSteps: 5,
      transitionSteps: 3,
      decayRate: 0.6,
      transitionBegin: 2,
      staircase: true,
      endValue: 0.05
    }
    expectGolden(warmupExponentialDecaySchedule(options), [
      [0, 0.010000000000000009],
      [1, 0.08799999999999997],
      [4, 0.32200000000000006],
      [5, 0.4],
      [7, 0.4],
      [9, 0.4],
      [10, 0.24],
      [13, 0.144],
      [16, 0.08639999999999999],
      [100, 0.05]
    ])
  })

  test('a warmup with an offset of 1 is one step ahead, and only the warmup', () => {
    const options = { initValue: 1, peakValue: 5, warmupSteps: 4, transitionSteps: 2, decayRate: 0.5 }
    const [plain, ahead] = [
      warmupExponentialDecaySchedule(options),
      warmupExponentialDecaySchedule({ ...options, warmupOffset: 1 })
    ]
    expect([0, 1, 2, 3].map(ahead)).toStrictEqual([2, 3, 4, 5])
    for (const step of [4, 5, 7, 100]) expect(ahead(step)).toBe(plain(step))
    expect(() => warmupExponentialDecaySchedule({ ...options, warmupOffset: 2 as never })).toThrow(
      'warmupExponentialDecaySchedule: warmupOffset must be one of 0, 1, got 2'
    )
  })

  test('wants all of its required options', () => {
    const options = { initValue: 0, peakValue: 1, warmupSteps: 4, transitionSteps: 3 }
    // @ts-expect-error -- decayRate is required
    expect(() => warmupExponentialDecaySchedule(options)).toThrow('got undefined')
  })

  const good = { initValue: 0, peakValue: 1, warmupSteps: 4, transitionSteps: 3, decayRate: 0.5 }
  const make = (options: object) => () =>
    warmupExponentialDecaySchedule({ ...good, ...options } as WarmupExponentialDecayScheduleOptions)
  const owner = 'warmupExponentialDecaySchedule'
  refuses([
    [`${owner}: initValue must be a finite number, got NaN`, make({ initValue: Number.NaN })],
    [`${owner}: peakValue must be a finite number, got undefined`, make({ peakValue: undefined })],
    [`${owner}: warmupSteps must be a whole number ≥ 0, got 1.5`, make({ warmupSteps: 1.5 })],
    [`${owner}: transitionSteps must be a whole number ≥ 0, got -1`, make({ transitionSteps: -1 })],
    [`${owner}: decayRate must be a finite number > 0, got 0`, make({ decayRate: 0 })],
    [`${owner}: transitionBegin must be a whole number ≥ 0, got -1`, make({ transitionBegin: -1 })],
    [`${owner}: staircase must be true or false, got "yes"`, make({ staircase: 'yes' })],
    [`${owner}: endValue must be a finite number, got NaN`, make({ endValue: Number.NaN })],
    [
      `${owner}: transitionSteps must be ≥ 1 where no endValue bounds the growth, got 0`,
      make({ transitionSteps: 0, decayRate: 2 })
    ],
    [
      `${owner}: there is no option decaySteps; there are initValue, peakValue, warmupSteps, transitionSteps, decayRate, transitionBegin, staircase, endValue, warmupOffset`,
      make({ decaySteps: 1 })
    ]
  ])
  refusesBadSteps(owner, warmupExponentialDecaySchedule(good))
})
