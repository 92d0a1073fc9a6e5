import { check, finite } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/**
 * The same value at every step.
 *
 *     f(t) = value
 *
 * Laws: constant.
 *
 * @param value - any finite number.
 *
 * @example
 * const schedule = constantSchedule(0.1)
 * schedule(0) // => 0.1
 * schedule(1000) // => 0.1
 *
 * @throws InvalidOption at construction, when the value is not a finite number; at a step that is not a finite number ≥ 0.
 * @see asSchedule, which takes a number or a schedule.
 */
export const constantSchedule = (value: number): Schedule => {
  check('constantSchedule', { value }, finite)
  return guarded(['constantSchedule', value], () => value)
}
