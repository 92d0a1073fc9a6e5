import { check, optional, positive, required, withDefaults } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'
import { checkWarmup, warmed } from '../internal/warmed.js'

/** Options of {@link inverseSqrt}. */
export interface InverseSqrtOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
  /** Number of steps τ: τ steps after the warmup it has fallen to 1 / √2; finite and > 0. @defaultValue `numWarmupSteps`, or 10000 */
  readonly timescale?: number | undefined
}

/**
 * transformers' `inverse_sqrt`: a straight line from 0, then one over the root of the step.
 *
 * Without a warmup the time scale is 10000 steps, so that it hardly falls at all at first.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.inverseSqrt(8, { numWarmupSteps: 4 })
 * schedule(4) // => 8
 * schedule(16) // => 4
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_inverse_sqrt_schedule`
 */
export const inverseSqrt = (learningRate: number, options: InverseSqrtOptions): Schedule => {
  const { numWarmupSteps, timescale } = withDefaults<Required<InverseSqrtOptions>>(
    'transformers.schedules.inverseSqrt',
    options,
    {
      numWarmupSteps: required,
      timescale: undefined
    }
  )
  const owner = 'transformers.schedules.inverseSqrt'
  checkWarmup(owner, learningRate, numWarmupSteps)
  check(owner, { timescale }, optional(positive))
  const scale = timescale ?? (numWarmupSteps || 10_000)
  return Object.assign(
    warmed(learningRate, numWarmupSteps, (step) => learningRate / Math.sqrt((step + scale) / scale)),
    { origin: ['transformers.schedules.inverseSqrt', learningRate, { ...options }] }
  )
}
