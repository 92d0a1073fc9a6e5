import { check, finite, orSchedule } from '@gradchain/core'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import type { ScalarOrSchedule, Schedule } from '../types.js'
import { asSchedule } from './asSchedule.js'
import { scheduleProduct } from './scheduleProduct.js'

/**
 * Multiplies schedules, step by step: a warmup factor over any schedule, or a schedule over a base value.
 *
 *     mulSchedules(f, g, …)(t) = f(t) · g(t) · …
 *
 * The product is taken from the left, and the product of nothing is 1. A number counts as the schedule that has it at
 * every step.
 *
 * Laws: the fold of {@link scheduleProduct}; {@link shiftSchedule} distributes over it.
 *
 * @param schedules - schedules and finite numbers, as many as you like.
 *
 * @example
 * const warmup = linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 })
 * const schedule = mulSchedules(0.5, warmup, (step) => 1 / (1 + step))
 * schedule(1) // => 0.0625
 * schedule(7) // => 0.0625
 *
 * @throws InvalidOption when one is neither a finite number nor a function.
 * @see scheduleProduct, addSchedules
 */
export const mulSchedules = (...schedules: readonly ScalarOrSchedule[]): Schedule => {
  schedules.forEach((schedule, i) => {
    check('mulSchedules', { [`schedules[${i}]`]: schedule }, orSchedule(finite))
  })
  const product = concatAll(scheduleProduct)(schedules.map(asSchedule))
  return Object.assign((step: number) => product(step), { origin: ['mulSchedules', ...schedules] })
}
