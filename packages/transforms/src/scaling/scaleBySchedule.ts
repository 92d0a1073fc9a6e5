import { callable, check, type GradientTransformation } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'
import { scaledBy } from '../internal/scaledBy.js'

/** State of {@link scaleBySchedule} and of {@link scaleByLearningRate}. */
export interface ScaleByScheduleState {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
}

/**
 * Multiplies every update by a number that depends on the step.
 *
 * Elementwise, for the update g at step t = 0, 1, 2, … and the schedule f:
 *
 *     uₜ = f(t) g
 *
 * The sign is that of the schedule: to descend it must be negative. The value is float64 and is rounded once, where it
 * meets an array, so that updates keep their dtype.
 *
 * Laws: elementwise; linear; a constant schedule is {@link scale}.
 *
 * @param schedule - a function of the step, which is 0 at the first update.
 *
 * @example
 * const tx = scaleBySchedule((step) => -1 / (1 + step))
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 6 }, tx.init(params), params)
 * first // => { w: -6 }
 * tx.update({ w: 6 }, state, params) // => [{ w: -3 }, { count: 2 }]
 *
 * @throws InvalidOption at construction, when the schedule is no function; at update, when what it gives is no number.
 * @see scaleByLearningRate
 */
export const scaleBySchedule = (schedule: Schedule): GradientTransformation<ScaleByScheduleState> => {
  check('scaleBySchedule', { schedule }, callable)

  return scaledBy(['scaleBySchedule', schedule], schedule, 1)
}
