import fc from 'fast-check'
import * as R from 'fp-ts/lib/Reader.js'
import { describe, expect, test } from 'vitest'
import { aStep, refuses, refusesBadSteps } from '../internal/testing.js'
import { addSchedules } from './addSchedules.js'
import { joinSchedules } from './joinSchedules.js'
import { mapSchedule } from './mapSchedule.js'
import { mulSchedules } from './mulSchedules.js'
import { shiftSchedule } from './shiftSchedule.js'

const aFunction = fc.func(fc.double()) as fc.Arbitrary<(value: number) => number>
// Whole numbers, of which sums are exact: by a fraction, (t + a) + b need not be t + (a + b).
const aShift = fc.oneof(fc.nat(100), fc.constant(1e15))
const aWholeStep = fc.oneof(fc.nat(200), fc.constant(1e15))

describe('shiftSchedule', () => {
  test('is f(t + by)', () => {
    fc.assert(fc.property(aFunction, aShift, aStep, (f, by, t) => Object.is(shiftSchedule(f, by)(t), f(t + by))))
  })

  test('by 0 changes nothing', () => {
    fc.assert(fc.property(aFunction, aStep, (f, t) => Object.is(shiftSchedule(f, 0)(t), f(t))))
  })

  test('by a and then by b is by a + b', () => {
    fc.assert(
      fc.property(aFunction, aShift, aShift, aWholeStep, (f, a, b, t) =>
        Object.is(shiftSchedule(shiftSchedule(f, a), b)(t), shiftSchedule(f, a + b)(t))
      )
    )
  })

  test('distributes over sums and products', () => {
    fc.assert(
      fc.property(aFunction, aFunction, aShift, aStep, fc.constantFrom(addSchedules, mulSchedules), (f, g, by, t, op) =>
        Object.is(shiftSchedule(op(f, g), by)(t), op(shiftSchedule(f, by), shiftSchedule(g, by))(t))
      )
    )
  })

  test('commutes with mapping', () => {
    fc.assert(
      fc.property(aFunction, aFunction, aShift, aStep, (f, g, by, t) =>
        Object.is(shiftSchedule(mapSchedule(f, g), by)(t), mapSchedule(shiftSchedule(f, by), g)(t))
      )
    )
  })

  test('by a boundary leaves what was joined there', () => {
    fc.assert(
      fc.property(aFunction, aFunction, fc.nat(100), aWholeStep, (f, g, at, t) =>
        Object.is(shiftSchedule(joinSchedules([f, g], [at]), at)(t), g(t))
      )
    )
  })

  test("is fp-ts's Reader.local", () => {
    fc.assert(
      fc.property(aFunction, aShift, aStep, (f, by, t) =>
        Object.is(shiftSchedule(f, by)(t), R.local((step: number) => step + by)(f)(t))
      )
    )
  })

  test('wants a number of steps', () => {
    // @ts-expect-error -- by is required
    expect(() => shiftSchedule((step: number) => step)).toThrow('got undefined')
  })

  const line = (step: number): number => step
  refuses([
    ['shiftSchedule: schedule must be a function, got 1', () => shiftSchedule(1 as unknown as typeof line, 1)],
    ['shiftSchedule: by must be a whole number ≥ 0, got -1', () => shiftSchedule(line, -1)],
    ['shiftSchedule: by must be a whole number ≥ 0, got 0.5', () => shiftSchedule(line, 0.5)]
  ])
  refusesBadSteps('shiftSchedule', shiftSchedule(line, 5))
})
