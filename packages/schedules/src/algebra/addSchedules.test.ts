import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearSchedule } from '../decay/linearSchedule.js'
import { aStep, aValue, refuses, refusesBadSteps } from '../internal/testing.js'
import type { ScalarOrSchedule, Schedule } from '../types.js'
import { addSchedules } from './addSchedules.js'
import { scheduleSum } from './scheduleSum.js'

const aFactor = fc.oneof(aValue, fc.func(fc.double()) as fc.Arbitrary<Schedule>)

const at = (value: ScalarOrSchedule, step: number): number => (typeof value === 'function' ? value(step) : value)

describe('addSchedules', () => {
  test('is the sum of all values at each step, taken from the left', () => {
    fc.assert(
      fc.property(fc.array(aFactor, { maxLength: 5 }), aStep, (parts, step) => {
        let expected = 0
        for (const part of parts) expected = expected + at(part, step)
        return Object.is(addSchedules(...parts)(step), expected)
      })
    )
  })

  test('of nothing is the unit of scheduleSum', () => {
    fc.assert(fc.property(aStep, (step) => Object.is(addSchedules()(step), scheduleSum.empty(step))))
  })

  test('keeps its own copy of what it is given', () => {
    const parts = [2, (step: number) => step]
    const schedule = addSchedules(...parts)
    parts[0] = 50
    expect(schedule(3)).toBe(2 + 3)
  })

  refuses([
    [
      'addSchedules: schedules[1] must be a finite number or a schedule, got NaN',
      () => addSchedules((step) => step, Number.NaN)
    ],
    [
      'addSchedules: schedules[0] must be a finite number or a schedule, got undefined',
      // @ts-expect-error -- undefined is neither a number nor a schedule
      () => addSchedules(undefined)
    ],
    [
      'addSchedules: schedules[0] must be a finite number or a schedule, got [1]',
      // @ts-expect-error -- an array is neither a number nor a schedule
      () => addSchedules([1])
    ]
  ])
  // The steps are the inner schedules' to refuse.
  refusesBadSteps('linearSchedule', addSchedules(linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 }), 2))
})
