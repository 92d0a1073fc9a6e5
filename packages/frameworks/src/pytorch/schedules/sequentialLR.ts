import { required, withDefaults } from '@gradchain/core'
import { joinSchedules, type Schedule } from '@gradchain/schedules'

/** Options of {@link sequentialLR}. */
export interface SequentialLROptions {
  /** The step at which each schedule but the first begins: whole numbers ≥ 0, none below the one before it. */
  readonly milestones: readonly number[]
}

/**
 * PyTorch's `SequentialLR`: one schedule after another, each on a clock of its own. It is `joinSchedules`.
 *
 * A schedule begins at the learning rate it was made with, not at the one where the last has left off: for that it is made with `before(n)`.
 *
 * @param schedules - at least one.
 *
 * @example
 * const schedule = pytorch.schedules.sequentialLR(
 *   [
 *     pytorch.schedules.constantLR(8, { factor: 0.25, totalIters: 10 }),
 *     pytorch.schedules.exponentialLR(8, { gamma: 0.5 })
 *   ],
 *   { milestones: [5] }
 * )
 * schedule(4) // => 2
 * schedule(5) // => 8
 * schedule(6) // => 4
 *
 * @throws InvalidOption at construction, when there is no schedule, or the milestones do not fit.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html}
 */
export const sequentialLR = (schedules: readonly Schedule[], options: SequentialLROptions): Schedule => {
  const { milestones } = withDefaults<SequentialLROptions>('pytorch.schedules.sequentialLR', options, {
    milestones: required
  })
  return Object.assign(joinSchedules(schedules, milestones), {
    origin: ['pytorch.schedules.sequentialLR', [...schedules], { ...options }]
  })
}
