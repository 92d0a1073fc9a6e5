import { callable, check } from '@gradchain/core'
import type { Schedule } from '../types.js'

/**
 * Changes each value of a schedule by a function: `Reader.map` of fp-ts, the schedule first.
 *
 *     mapSchedule(f, g)(t) = g(f(t))
 *
 * Laws: the identity function changes nothing; mapping twice is mapping the composition; commutes with
 * {@link shiftSchedule}.
 *
 * @example
 * const schedule = linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 })
 * const momentum = mapSchedule(schedule, (value) => 1 - value)
 * momentum(1) // => 0.75
 *
 * @throws InvalidOption when the schedule or the function is no function.
 * @see addSchedules, mulSchedules
 */
export const mapSchedule = (schedule: Schedule, change: (value: number) => number): Schedule => {
  check('mapSchedule', { schedule, change }, callable)
  return Object.assign((step: number) => change(schedule(step)), { origin: ['mapSchedule', schedule, change] })
}
