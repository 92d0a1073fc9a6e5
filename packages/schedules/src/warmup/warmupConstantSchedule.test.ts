import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearSchedule } from '../decay/linearSchedule.js'
import { aStep, aValue, aWait, expectGolden, refuses, refusesBadSteps } from '../internal/testing.js'
import { type WarmupConstantScheduleOptions, warmupConstantSchedule } from './warmupConstantSchedule.js'

describe('warmupConstantSchedule', () => {
  test('is the linear schedule from initValue to peakValue, bit for bit', () => {
    fc.assert(
      fc.property(aValue, aValue, aWait, aStep, (initValue, peakValue, warmupSteps, step) => {
        const linear = linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps })
        return Object.is(warmupConstantSchedule({ initValue, peakValue, warmupSteps })(step), linear(step))
      })
    )
  })

  test('rises by the same amount at every step of the warmup, then stays', () => {
    const schedule = warmupConstantSchedule({ initValue: 1, peakValue: 3, warmupSteps: 4 })
    expect([0, 1, 2, 3, 4, 5, 1e15].map(schedule)).toStrictEqual([1, 1.5, 2, 2.5, 3, 3, 3])
  })

  test('is at its peak at once when there is no warmup', () => {
    expect(warmupConstantSchedule({ initValue: 0, peakValue: 1, warmupSteps: 0 })(0)).toBe(1)
  })

  test('is what Optax gives', () => {
    expectGolden(warmupConstantSchedule({ initValue: 0.02, peakValue: 0.9, warmupSteps: 7 }), [
      [0, 0.020000000000000018],
      [1, 0.14571428571428569],
      [6, 0.7742857142857142],
      [7, 0.9],
      [8, 0.9]
    ])
  })

  test('a warmup with an offset of 1 is one step ahead, and only the warmup', () => {
    const options = { initValue: 1, peakValue: 5, warmupSteps: 4 }
    const [plain, ahead] = [warmupConstantSchedule(options), warmupConstantSchedule({ ...options, warmupOffset: 1 })]
    expect([0, 1, 2, 3].map(ahead)).toStrictEqual([2, 3, 4, 5])
    for (const step of [4, 5, 7, 100]) expect(ahead(step)).toBe(plain(step))
    expect(() => warmupConstantSchedule({ ...options, warmupOffset: 2 as never })).toThrow(
      'warmupConstantSchedule: warmupOffset must be one of 0, 1, got 2'
    )
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- warmupSteps is required
    expect(() => warmupConstantSchedule({ initValue: 0, peakValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 0, peakValue: 1, warmupSteps: 4 }
  const make = (options: object) => () =>
    warmupConstantSchedule({ ...good, ...options } as WarmupConstantScheduleOptions)
  refuses([
    ['warmupConstantSchedule: initValue must be a finite number, got NaN', make({ initValue: Number.NaN })],
    ['warmupConstantSchedule: peakValue must be a finite number, got undefined', make({ peakValue: undefined })],
    ['warmupConstantSchedule: warmupSteps must be a whole number ≥ 0, got -1', make({ warmupSteps: -1 })],
    [
      'warmupConstantSchedule: there is no option endValue; there are initValue, peakValue, warmupSteps, warmupOffset',
      make({ endValue: 1 })
    ]
  ])
  refusesBadSteps('warmupConstantSchedule', warmupConstantSchedule(good))
})
