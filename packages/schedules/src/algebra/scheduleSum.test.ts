import fc from 'fast-check'
import { getApplicativeMonoid } from 'fp-ts/lib/Applicative.js'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import { MonoidSum } from 'fp-ts/lib/number.js'
import * as R from 'fp-ts/lib/Reader.js'
import { describe, expectTypeOf, test } from 'vitest'
import { aDyadic, aStep } from '../internal/testing.js'
import type { Schedule } from '../types.js'
import { scheduleSum } from './scheduleSum.js'

const { concat, empty } = scheduleSum
const aSchedule = fc.func(fc.double()) as fc.Arbitrary<Schedule>
// Multiples of 1/8 below 64 in size: sums and products of three of them are exact.
const anExactSchedule = fc.func(aDyadic) as fc.Arbitrary<Schedule>

describe('scheduleSum', () => {
  test('is the sum of the values at each step', () => {
    fc.assert(fc.property(aSchedule, aSchedule, aStep, (f, g, t) => Object.is(concat(f, g)(t), f(t) + g(t))))
  })

  test('empty is a unit on both sides', () => {
    // 0 + (−0) is 0, equal to −0 but not the same bits; hence ===, with NaN apart.
    const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b))
    fc.assert(
      fc.property(aSchedule, aStep, (f, t) => same(concat(f, empty)(t), f(t)) && same(concat(empty, f)(t), f(t)))
    )
  })

  test('concat commutes', () => {
    fc.assert(fc.property(aSchedule, aSchedule, aStep, (f, g, t) => Object.is(concat(f, g)(t), concat(g, f)(t))))
  })

  test('concat is associative, bit for bit where the arithmetic is exact', () => {
    fc.assert(
      fc.property(anExactSchedule, anExactSchedule, anExactSchedule, aStep, (f, g, h, t) =>
        Object.is(concat(concat(f, g), h)(t), concat(f, concat(g, h))(t))
      )
    )
  })

  test("is the monoid that fp-ts's Reader makes of its numbers", () => {
    const lifted: Monoid<Schedule> = getApplicativeMonoid(R.Applicative)(MonoidSum)
    fc.assert(
      fc.property(aSchedule, aSchedule, aStep, (f, g, t) => {
        return Object.is(concat(f, g)(t), lifted.concat(f, g)(t)) && Object.is(empty(t), 0)
      })
    )
  })

  test('is a monoid of schedules, which are readers', () => {
    expectTypeOf<Schedule>().toEqualTypeOf<R.Reader<number, number>>()
    // @ts-expect-error -- a number is not yet a schedule: see addSchedules
    concat(1, empty)
  })
})
