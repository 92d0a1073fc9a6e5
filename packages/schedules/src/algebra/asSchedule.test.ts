import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { constantSchedule } from '../decay/constantSchedule.js'
import { aStep, aValue, refuses } from '../internal/testing.js'
import type { ScalarOrSchedule, Schedule } from '../types.js'
import { asSchedule } from './asSchedule.js'

describe('asSchedule', () => {
  test('makes of a number the constant schedule', () => {
    fc.assert(
      fc.property(aValue, aStep, (value, step) => Object.is(asSchedule(value)(step), constantSchedule(value)(step)))
    )
  })

  test('gives a schedule back as the same function, so it is idempotent', () => {
    const schedule: Schedule = (step) => step / 2
    expect(asSchedule(schedule)).toBe(schedule)
    const constant = asSchedule(0.1)
    expect(asSchedule(constant)).toBe(constant)
  })

  test('takes what has the type ScalarOrSchedule and gives a Schedule', () => {
    expectTypeOf(asSchedule).parameters.toEqualTypeOf<[ScalarOrSchedule]>()
    expectTypeOf(asSchedule).returns.toEqualTypeOf<Schedule>()
    // @ts-expect-error -- a function of a string is no schedule
    asSchedule((name: string) => name.length)
  })

  refuses([
    ['asSchedule: value must be a finite number or a schedule, got NaN', () => asSchedule(Number.NaN)],
    ['asSchedule: value must be a finite number or a schedule, got null', () => asSchedule(null as unknown as number)],
    [
      'asSchedule: value must be a finite number or a schedule, got undefined',
      () => asSchedule(undefined as unknown as number)
    ]
  ])
})
