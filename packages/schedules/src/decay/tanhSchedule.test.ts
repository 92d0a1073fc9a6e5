import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, between, expectGolden, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type TanhScheduleOptions, tanhSchedule } from './tanhSchedule.js'

const aBound = fc.double({ min: -9, max: 9, noNaN: true })
const someOptions = fc.record({
  initValue: aValue,
  decaySteps: aLength,
  endValue: aValue,
  lowerBound: aBound,
  upperBound: aBound
})

describe('tanhSchedule', () => {
  test('agrees with its definition, and holds its end', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, decaySteps, endValue, lowerBound, upperBound } = options
        const place = lowerBound + (upperBound - lowerBound) * Math.min(step / decaySteps, 1)
        const expected =
          step >= decaySteps ? endValue : endValue + ((initValue - endValue) * (1 - Math.tanh(place))) / 2
        const scale = Math.max(Math.abs(initValue), Math.abs(endValue))
        return near(tanhSchedule(options)(step), expected, scale, 64)
      })
    )
  })

  test('is between its two values, and monotone where L ≤ U', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const { initValue, endValue, lowerBound: a, upperBound: b } = options
        const schedule = tanhSchedule({ ...options, lowerBound: Math.min(a, b), upperBound: Math.max(a, b) })
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        return between(early, initValue, endValue) && between(late, early, endValue)
      })
    )
  })

  test('is what timm 1.0.29 gives', () => {
    expectGolden(tanhSchedule({ initValue: 1, decaySteps: 10 }), [
      [0, 0.9999991684719723],
      [1, 0.9999938558253978],
      [5, 0.9820137900379085],
      [7, 0.5000000000000004],
      [9, 0.01798620996209155],
      [10, 0.0],
      [11, 0.0]
    ])
    const options = { initValue: 1, decaySteps: 10, lowerBound: -4, upperBound: 4, endValue: 0.1 }
    expectGolden(tanhSchedule(options), [
      [0, 0.9996981848825801],
      [1, 0.9985070790278431],
      [5, 0.55],
      [9, 0.10149292097215698],
      [10, 0.1],
      [11, 0.1]
    ])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decaySteps is required
    expect(() => tanhSchedule({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, decaySteps: 4 }
  const make = (options: object) => () => tanhSchedule({ ...good, ...options } as TanhScheduleOptions)
  refuses([
    ['tanhSchedule: initValue must be a finite number, got NaN', make({ initValue: Number.NaN })],
    ['tanhSchedule: decaySteps must be a whole number ≥ 1, got 0', make({ decaySteps: 0 })],
    ['tanhSchedule: endValue must be a finite number, got Infinity', make({ endValue: Infinity })],
    ['tanhSchedule: lowerBound must be a finite number, got -Infinity', make({ lowerBound: -Infinity })],
    [
      'tanhSchedule: there is no option lb; there are initValue, decaySteps, endValue, lowerBound, upperBound',
      make({ lb: -7 })
    ]
  ])
  refusesBadSteps('tanhSchedule', tanhSchedule(good))
})
