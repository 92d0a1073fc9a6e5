import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinSchedules } from '../algebra/joinSchedules.js'
import { cosineDecaySchedule } from '../decay/cosineDecaySchedule.js'
import { linearSchedule } from '../decay/linearSchedule.js'
import {
  aLength,
  aStep,
  aValue,
  aWait,
  between,
  expectGolden,
  near,
  refuses,
  refusesBadSteps
} from '../internal/testing.js'
import { type WarmupCosineDecayScheduleOptions, warmupCosineDecaySchedule } from './warmupCosineDecaySchedule.js'

const someOptions = fc
  .record({
    initValue: aValue,
    peakValue: fc.oneof({ arbitrary: aValue, weight: 4 }, { arbitrary: fc.constant(0), weight: 1 }),
    warmupSteps: aWait,
    length: aLength,
    endValue: aValue,
    exponent: fc.double({ min: 0.2, max: 5, noNaN: true })
  })
  .map(({ length, ...rest }) => ({ ...rest, decaySteps: rest.warmupSteps + length }))

describe('warmupCosineDecaySchedule', () => {
  test('is the linear and the cosine schedule joined, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, peakValue, warmupSteps, decaySteps, endValue, exponent } = options
        const alpha = endValue / peakValue
        fc.pre(Number.isFinite(alpha))
        const parts = [
          linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }),
          cosineDecaySchedule({ initValue: peakValue, decaySteps: decaySteps - warmupSteps, alpha, exponent })
        ]
        return Object.is(warmupCosineDecaySchedule(options)(step), joinSchedules(parts, [warmupSteps])(step))
      })
    )
  })

  test('is at initValue at 0, at peakValue at W and at endValue from T on, within rounding', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, peakValue, warmupSteps, decaySteps, endValue } = options
        const schedule = warmupCosineDecaySchedule(options)
        // At W the cosine is I · ((1 − α) + α), an error of the larger of I and E = α · I.
        const scale = Math.max(Math.abs(initValue), Math.abs(peakValue), Math.abs(endValue))
        return (
          near(schedule(warmupSteps), peakValue, scale) &&
          near(schedule(decaySteps + step), endValue, scale) &&
          (warmupSteps === 0 || near(schedule(0), initValue, scale))
        )
      })
    )
  })

  test('is between initValue and peakValue, then between peakValue and endValue', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const value = warmupCosineDecaySchedule(options)(step)
        return step < options.warmupSteps
          ? between(value, options.initValue, options.peakValue)
          : between(value, options.peakValue, options.endValue)
      })
    )
  })

  test('leads to endValue from a peak of 0 along E(1 − cᵖ)', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { warmupSteps, decaySteps, endValue, exponent } = options
        const schedule = warmupCosineDecaySchedule({ ...options, peakValue: 0 })
        const steps = decaySteps - warmupSteps
        // The cosine's own clock, which the addition has rounded.
        const local = warmupSteps + step - warmupSteps
        const c = (1 + Math.cos((Math.PI * Math.min(local, steps)) / steps)) / 2
        return near(schedule(warmupSteps + step), endValue * (1 - c ** exponent), endValue)
      })
    )
  })

  test('stays at 0 when the peak and the end are 0', () => {
    const schedule = warmupCosineDecaySchedule({ initValue: 1, peakValue: 0, warmupSteps: 2, decaySteps: 6 })
    expect([0, 1, 2, 4, 6, 1e15].map(schedule)).toStrictEqual([1, 0.5, 0, 0, 0, 0])
  })

  test('takes a peak so small that the end is no finite multiple of it', () => {
    const options = { initValue: 0, peakValue: 1e-320, warmupSteps: 2, decaySteps: 4, endValue: 1 }
    const schedule = warmupCosineDecaySchedule(options)
    expect([2, 3, 4].map(schedule)).toStrictEqual([0, 0.5, 1])
  })

  test('ends at 0 with exponent 1, and without a warmup begins at its peak', () => {
    const schedule = warmupCosineDecaySchedule({ initValue: 5, peakValue: 2, warmupSteps: 0, decaySteps: 3 })
    expect(schedule(0)).toBe(2)
    expect(near(schedule(1), 1.5, 2)).toBe(true)
    expect(schedule(3)).toBe(0)
  })

  test('is what Optax gives', () => {
    const options = {
      initValue: 0.01,
      peakValue: 0.4,
      warmupSteps: 5,
      decaySteps: 17,
      endValue: 0.03,
      exponent: 1.4
    }
    expectGolden(warmupCosineDecaySchedule(options), [
      [0, 0.010000000000000009],
      [1, 0.08799999999999997],
      [4, 0.32200000000000006],
      [5, 0.4],
      [6, 0.3912049633556877],
      [16, 0.031236389182075327],
      [17, 0.03],
      [18, 0.03],
      [100, 0.03]
    ])
  })

  test('a warmup with an offset of 1 is one step ahead, and only the warmup', () => {
    const options = { initValue: 1, peakValue: 5, warmupSteps: 4, decaySteps: 8 }
    const [plain, ahead] = [
      warmupCosineDecaySchedule(options),
      warmupCosineDecaySchedule({ ...options, warmupOffset: 1 })
    ]
    expect([0, 1, 2, 3].map(ahead)).toStrictEqual([2, 3, 4, 5])
    for (const step of [4, 5, 7, 100]) expect(ahead(step)).toBe(plain(step))
    expect(() => warmupCosineDecaySchedule({ ...options, warmupOffset: 2 as never })).toThrow(
      'warmupCosineDecaySchedule: warmupOffset must be one of 0, 1, got 2'
    )
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decaySteps is required
    const misuse = () => warmupCosineDecaySchedule({ initValue: 0, peakValue: 1, warmupSteps: 4 })
    expect(misuse).toThrow('got undefined')
  })

  const good = { initValue: 0, peakValue: 1, warmupSteps: 4, decaySteps: 10 }
  const make = (options: object) => () =>
    warmupCosineDecaySchedule({ ...good, ...options } as WarmupCosineDecayScheduleOptions)
  const longer = 'warmupCosineDecaySchedule: decaySteps must be a whole number > warmupSteps = 4, got'
  refuses([
    ['warmupCosineDecaySchedule: initValue must be a finite number, got undefined', make({ initValue: undefined })],
    ['warmupCosineDecaySchedule: peakValue must be a finite number, got NaN', make({ peakValue: Number.NaN })],
    ['warmupCosineDecaySchedule: warmupSteps must be a whole number ≥ 0, got -1', make({ warmupSteps: -1 })],
    [`${longer} 4`, make({ decaySteps: 4 })],
    [`${longer} undefined`, make({ decaySteps: undefined })],
    [`${longer} 10.5`, make({ decaySteps: 10.5 })],
    ['warmupCosineDecaySchedule: endValue must be a finite number, got Infinity', make({ endValue: Infinity })],
    ['warmupCosineDecaySchedule: exponent must be a finite number > 0, got 0', make({ exponent: 0 })],
    [
      'warmupCosineDecaySchedule: there is no option alpha; there are initValue, peakValue, warmupSteps, decaySteps, endValue, exponent, warmupOffset',
      make({ alpha: 0 })
    ]
  ])
  refusesBadSteps('warmupCosineDecaySchedule', warmupCosineDecaySchedule(good))
})
