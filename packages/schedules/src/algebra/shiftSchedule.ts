import { callable, check, nonNegativeInteger } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/**
 * Starts a schedule further on: `Reader.local` of fp-ts for the step.
 *
 *     shiftSchedule(f, by)(t) = f(t + by)
 *
 * To continue a run at step 1000 with a count that starts again at 0, shift by 1000. The other direction, a schedule
 * that starts later, has to say what comes before it: that is {@link joinSchedules}.
 *
 * Laws: an action of the whole numbers under addition: by 0 nothing changes, by a and then by b is by a + b;
 * distributes over {@link addSchedules} and {@link mulSchedules}; undoes the first part of {@link joinSchedules}.
 *
 * @param by - a whole number ≥ 0.
 *
 * @example
 * const schedule = linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 })
 * shiftSchedule(schedule, 3)(0) // => 0.75
 *
 * @throws InvalidOption when the schedule is no function or `by` is out of its range; at a step that is not a finite
 * number ≥ 0.
 * @see joinSchedules
 */
export const shiftSchedule = (schedule: Schedule, by: number): Schedule => {
  check('shiftSchedule', { schedule }, callable)
  check('shiftSchedule', { by }, nonNegativeInteger)
  return guarded(['shiftSchedule', schedule, by], (step: number) => schedule(step + by))
}
