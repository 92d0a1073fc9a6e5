import { check, required, withDefaults } from '@gradchain/core'
import { linearSchedule, type Schedule } from '@gradchain/schedules'
import { above, checkWarmup, warmed } from '../internal/warmed.js'

/** Options of {@link linear}. */
export interface LinearOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
  /** Number of steps of the whole, the warmup included, a whole number above it. */
  readonly numTrainingSteps: number
}

/**
 * transformers' `linear`, the default of its Trainer: a straight line from 0, another down to 0.
 *
 * The first step has the learning rate 0, unless there is no warmup.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.linear(8, { numWarmupSteps: 4, numTrainingSteps: 12 })
 * schedule(2) // => 4
 * schedule(8) // => 4
 * schedule(12) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_linear_schedule_with_warmup`
 */
export const linear = (learningRate: number, options: LinearOptions): Schedule => {
  const { numWarmupSteps, numTrainingSteps } = withDefaults<Required<LinearOptions>>(
    'transformers.schedules.linear',
    options,
    {
      numWarmupSteps: required,
      numTrainingSteps: required
    }
  )
  checkWarmup('transformers.schedules.linear', learningRate, numWarmupSteps)
  check('transformers.schedules.linear', { numTrainingSteps }, above(numWarmupSteps))
  const transitionSteps = numTrainingSteps - numWarmupSteps
  return Object.assign(
    warmed(learningRate, numWarmupSteps, linearSchedule({ initValue: learningRate, endValue: 0, transitionSteps })),
    { origin: ['transformers.schedules.linear', learningRate, { ...options }] }
  )
}
