import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aStep, refuses, refusesBadSteps } from '../internal/testing.js'
import { constantSchedule } from './constantSchedule.js'

describe('constantSchedule', () => {
  test('has the same value at every step, bit for bit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), aStep, (value, step) =>
        Object.is(constantSchedule(value)(step), value)
      ),
      { examples: [[-0, 3]] }
    )
  })

  test('wants a number', () => {
    // @ts-expect-error -- the value is required
    expect(() => constantSchedule()).toThrow('got undefined')
    // @ts-expect-error -- a constant schedule has no options
    constantSchedule(1, {})
  })

  refuses([
    ['constantSchedule: value must be a finite number, got NaN', () => constantSchedule(Number.NaN)],
    ['constantSchedule: value must be a finite number, got Infinity', () => constantSchedule(Infinity)],
    ['constantSchedule: value must be a finite number, got "0.1"', () => constantSchedule('0.1' as unknown as number)]
  ])
  refusesBadSteps('constantSchedule', constantSchedule(1))
})
