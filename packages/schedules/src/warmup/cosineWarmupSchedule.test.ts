import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, between, near, refuses, refusesBadSteps, rounding } from '../internal/testing.js'
import { type CosineWarmupScheduleOptions, cosineWarmupSchedule } from './cosineWarmupSchedule.js'
import { warmupConstantSchedule } from './warmupConstantSchedule.js'

const someOptions = fc.record({ peakValue: aValue, warmupSteps: aLength, initValue: aValue })

describe('cosineWarmupSchedule', () => {
  test('rises along sin², within rounding', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { peakValue, warmupSteps, initValue } = options
        const share = Math.min(step / warmupSteps, 1)
        const expected = initValue + (peakValue - initValue) * Math.sin((Math.PI / 2) * share) ** 2
        const scale = Math.max(Math.abs(initValue), Math.abs(peakValue))
        return near(cosineWarmupSchedule(options)(step), expected, scale, 16)
      })
    )
  })

  test('is between its two values, monotone, and held from W on', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const { peakValue, warmupSteps, initValue } = options
        const schedule = cosineWarmupSchedule(options)
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        const slack = rounding(Math.max(Math.abs(initValue), Math.abs(peakValue)), 8)
        const monotone = (late - early) * Math.sign(peakValue - initValue) >= -slack
        return between(early, initValue, peakValue) && monotone && Object.is(schedule(warmupSteps + s), peakValue)
      })
    )
  })

  test('is the linear warmup at both ends and half way', () => {
    fc.assert(
      fc.property(someOptions, (options) => {
        const linear = warmupConstantSchedule(options)
        const scale = Math.max(Math.abs(options.initValue), Math.abs(options.peakValue))
        const steps = [0, options.warmupSteps / 2, options.warmupSteps]
        return steps.every((step) => near(cosineWarmupSchedule(options)(step), linear(step), scale))
      })
    )
  })

  test('with an offset is one step ahead, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(200), (options, step) =>
        Object.is(cosineWarmupSchedule({ ...options, warmupOffset: 1 })(step), cosineWarmupSchedule(options)(step + 1))
      )
    )
  })

  test('begins at 0 unless told otherwise; without steps it is constant', () => {
    expect([0, 50, 100].map(cosineWarmupSchedule({ peakValue: 8, warmupSteps: 100 }))).toStrictEqual([0, 4, 8])
    expect([0, 1].map(cosineWarmupSchedule({ peakValue: 8, warmupSteps: 0, initValue: 3 }))).toStrictEqual([8, 8])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- warmupSteps is required
    expect(() => cosineWarmupSchedule({ peakValue: 1 })).toThrow('got undefined')
  })

  const good = { peakValue: 1, warmupSteps: 4 }
  const make = (options: object) => () => cosineWarmupSchedule({ ...good, ...options } as CosineWarmupScheduleOptions)
  refuses([
    ['cosineWarmupSchedule: peakValue must be a finite number, got NaN', make({ peakValue: Number.NaN })],
    ['cosineWarmupSchedule: warmupSteps must be a whole number ≥ 0, got -1', make({ warmupSteps: -1 })],
    ['cosineWarmupSchedule: initValue must be a finite number, got Infinity', make({ initValue: Infinity })],
    ['cosineWarmupSchedule: warmupOffset must be one of 0, 1, got 0.5', make({ warmupOffset: 0.5 })],
    [
      'cosineWarmupSchedule: there is no option endValue; there are peakValue, warmupSteps, initValue, warmupOffset',
      make({ endValue: 1 })
    ]
  ])
  refusesBadSteps('cosineWarmupSchedule', cosineWarmupSchedule(good))
})
