import { getMonoid } from 'fp-ts/lib/function.js'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import type { Schedule } from '../types.js'

/**
 * Schedules under the pointwise product: fp-ts's `Monoid` of numbers, lifted to functions of the step.
 *
 *     concat(f, g)(t) = f(t) · g(t)          empty(t) = 1
 *
 * Laws: `empty` is a unit on both sides and `concat` commutes, exactly; `concat` is associative up to rounding.
 *
 * @example
 * const product = scheduleProduct.concat(constantSchedule(2), (step) => step)
 * product(4) // => 8
 * scheduleProduct.empty(4) // => 1
 *
 * @see mulSchedules, which takes any number of schedules and scalars.
 */
export const scheduleProduct: Monoid<Schedule> = /* @__PURE__ */ getMonoid({
  concat: (a: number, b: number) => a * b,
  empty: 1
})<number>()
