import { required, withDefaults } from '@gradchain/core'
import { constantSchedule, type Schedule } from '@gradchain/schedules'
import { checkWarmup, warmed } from '../internal/warmed.js'

/** Options of {@link constantWithWarmup}. */
export interface ConstantWithWarmupOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
}

/**
 * transformers' `constant_with_warmup`: a straight line from 0, then the learning rate.
 *
 * The first step has the learning rate 0, and does nothing.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.constantWithWarmup(8, { numWarmupSteps: 4 })
 * schedule(0) // => 0
 * schedule(1) // => 2
 * schedule(4) // => 8
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_constant_schedule_with_warmup`
 */
export const constantWithWarmup = (learningRate: number, options: ConstantWithWarmupOptions): Schedule => {
  const { numWarmupSteps } = withDefaults<Required<ConstantWithWarmupOptions>>(
    'transformers.schedules.constantWithWarmup',
    options,
    {
      numWarmupSteps: required
    }
  )
  checkWarmup('transformers.schedules.constantWithWarmup', learningRate, numWarmupSteps)
  return Object.assign(warmed(learningRate, numWarmupSteps, constantSchedule(learningRate)), {
    origin: ['transformers.schedules.constantWithWarmup', learningRate, { ...options }]
  })
}
