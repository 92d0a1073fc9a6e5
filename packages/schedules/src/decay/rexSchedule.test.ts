import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, between, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type RexScheduleOptions, rexSchedule } from './rexSchedule.js'

const someOptions = fc.record({ initValue: aValue, decaySteps: aLength, endValue: aValue })

describe('rexSchedule', () => {
  test('agrees with its definition, and holds its end', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, decaySteps, endValue } = options
        // (1 − s) / (1 − s / 2) with the fractions multiplied out.
        const left = (2 * Math.max(decaySteps - step, 0)) / (2 * decaySteps - Math.min(step, decaySteps))
        const expected = endValue + (initValue - endValue) * left
        const scale = Math.max(Math.abs(initValue), Math.abs(endValue))
        return near(rexSchedule(options)(step), expected, scale, 16)
      })
    )
  })

  test('is between its two values, and monotone', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const schedule = rexSchedule(options)
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        const { initValue, endValue } = options
        return between(early, initValue, endValue) && between(late, early, endValue)
      })
    )
  })

  test('has two thirds left at half of the way', () => {
    expect(rexSchedule({ initValue: 6, decaySteps: 10 })(5)).toBe(4)
    expect(rexSchedule({ initValue: 1, decaySteps: 10, endValue: 4 })(5)).toBe(2)
    expect(rexSchedule({ initValue: 1, decaySteps: 10, endValue: 4 })(10)).toBe(4)
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decaySteps is required
    expect(() => rexSchedule({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, decaySteps: 4 }
  const make = (options: object) => () => rexSchedule({ ...good, ...options } as RexScheduleOptions)
  refuses([
    ['rexSchedule: initValue must be a finite number, got NaN', make({ initValue: Number.NaN })],
    ['rexSchedule: decaySteps must be a whole number ≥ 1, got 0', make({ decaySteps: 0 })],
    ['rexSchedule: endValue must be a finite number, got Infinity', make({ endValue: Infinity })],
    ['rexSchedule: there is no option min; there are initValue, decaySteps, endValue', make({ min: 0 })]
  ])
  refusesBadSteps('rexSchedule', rexSchedule(good))
})
