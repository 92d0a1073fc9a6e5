import { check, finite, orSchedule } from '@gradchain/core'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import type { ScalarOrSchedule, Schedule } from '../types.js'
import { asSchedule } from './asSchedule.js'
import { scheduleSum } from './scheduleSum.js'

/**
 * Adds schedules, step by step.
 *
 *     addSchedules(f, g, …)(t) = f(t) + g(t) + …
 *
 * The sum is taken from the left, and the sum of nothing is 0. A number counts as the schedule that has it at every
 * step.
 *
 * Laws: the fold of {@link scheduleSum}; {@link shiftSchedule} distributes over it.
 *
 * @param schedules - schedules and finite numbers, as many as you like.
 *
 * @example
 * const schedule = addSchedules(0.5, linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 4 }))
 * schedule(1) // => 1.25
 * schedule(4) // => 0.5
 *
 * @throws InvalidOption when one is neither a finite number nor a function.
 * @see scheduleSum, mulSchedules
 */
export const addSchedules = (...schedules: readonly ScalarOrSchedule[]): Schedule => {
  schedules.forEach((schedule, i) => {
    check('addSchedules', { [`schedules[${i}]`]: schedule }, orSchedule(finite))
  })
  const sum = concatAll(scheduleSum)(schedules.map(asSchedule))
  return Object.assign((step: number) => sum(step), { origin: ['addSchedules', ...schedules] })
}
