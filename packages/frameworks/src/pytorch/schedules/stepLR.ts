import { required, withDefaults } from '@gradchain/core'
import { type Schedule, stepDecaySchedule } from '@gradchain/schedules'

/** Options of {@link stepLR}. */
export interface StepLROptions {
  /** Number of steps for which each value is held, a whole number ≥ 1. */
  readonly stepSize: number
  /** Factor after that many steps, finite and > 0. @defaultValue `0.1` */
  readonly gamma?: number
}

/**
 * PyTorch's `StepLR`: `stepDecaySchedule`. A step here is a call of `scheduler.step()`: an epoch where that is once an epoch.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * pytorch.schedules.stepLR(8, { stepSize: 10, gamma: 0.5 })(20) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html}
 */
export const stepLR = (learningRate: number, options: StepLROptions): Schedule =>
  Object.assign(
    stepDecaySchedule({
      initValue: learningRate,
      ...withDefaults<Required<StepLROptions>>('pytorch.schedules.stepLR', options, { stepSize: required, gamma: 0.1 })
    }),
    { origin: ['pytorch.schedules.stepLR', learningRate, { ...options }] }
  )
