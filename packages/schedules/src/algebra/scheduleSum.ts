import { getMonoid } from 'fp-ts/lib/function.js'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import type { Schedule } from '../types.js'

/**
 * Schedules under the pointwise sum: fp-ts's `Monoid` of numbers, lifted to functions of the step.
 *
 *     concat(f, g)(t) = f(t) + g(t)          empty(t) = 0
 *
 * Laws: `empty` is a unit on both sides and `concat` commutes, exactly; `concat` is associative up to rounding.
 *
 * @example
 * const sum = scheduleSum.concat(constantSchedule(4), (step) => step)
 * sum(4) // => 8
 * scheduleSum.empty(4) // => 0
 *
 * @see addSchedules, which takes any number of schedules and scalars.
 */
export const scheduleSum: Monoid<Schedule> = /* @__PURE__ */ getMonoid({
  concat: (a: number, b: number) => a + b,
  empty: 0
})<number>()
