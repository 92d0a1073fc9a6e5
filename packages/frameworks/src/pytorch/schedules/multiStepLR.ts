import { required, withDefaults } from '@gradchain/core'
import { multiStepSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link multiStepLR}. */
export interface MultiStepLROptions {
  /** The steps at which the value falls: whole numbers ≥ 0, none below the one before it. */
  readonly milestones: readonly number[]
  /** Factor at each milestone, finite and > 0. @defaultValue `0.1` */
  readonly gamma?: number
}

/**
 * PyTorch's `MultiStepLR`: `multiStepSchedule`.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * pytorch.schedules.multiStepLR(8, { milestones: [3, 5], gamma: 0.5 })(5) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html}
 */
export const multiStepLR = (learningRate: number, options: MultiStepLROptions): Schedule =>
  Object.assign(
    multiStepSchedule({
      initValue: learningRate,
      ...withDefaults<Required<MultiStepLROptions>>('pytorch.schedules.multiStepLR', options, {
        milestones: required,
        gamma: 0.1
      })
    }),
    { origin: ['pytorch.schedules.multiStepLR', learningRate, { ...options }] }
  )
