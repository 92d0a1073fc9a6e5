import { check, positive, required, withDefaults } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'
import { above, checkWarmup, warmed } from '../internal/warmed.js'
import { wave } from '../internal/wave.js'

/** Options of {@link cosineWithRestarts}. */
export interface CosineWithRestartsOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
  /** Number of steps of the whole, the warmup included, a whole number above it. */
  readonly numTrainingSteps: number
  /** Number of ways down after the warmup, finite and > 0. @defaultValue `1` */
  readonly numCycles?: number
}

/**
 * transformers' `cosine_with_restarts`: a straight line from 0, then the cosine down, again and again.
 *
 * `numCycles` counts ways down, all of one length and height; it stays at 0 at the end.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.cosineWithRestarts(8, { numWarmupSteps: 0, numTrainingSteps: 8, numCycles: 2 })
 * schedule(2) // => 4
 * schedule(4) // => 8
 * schedule(8) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_cosine_with_hard_restarts_schedule_with_warmup`
 */
export const cosineWithRestarts = (learningRate: number, options: CosineWithRestartsOptions): Schedule => {
  const { numWarmupSteps, numTrainingSteps, numCycles } = withDefaults<Required<CosineWithRestartsOptions>>(
    'transformers.schedules.cosineWithRestarts',
    options,
    {
      numWarmupSteps: required,
      numTrainingSteps: required,
      numCycles: 1
    }
  )
  checkWarmup('transformers.schedules.cosineWithRestarts', learningRate, numWarmupSteps)
  check('transformers.schedules.cosineWithRestarts', { numTrainingSteps }, above(numWarmupSteps))
  check('transformers.schedules.cosineWithRestarts', { numCycles }, positive)
  const length = numTrainingSteps - numWarmupSteps
  const after = (step: number): number =>
    step >= length ? 0 : learningRate * wave(((numCycles * (step / length)) % 1) / 2)
  return Object.assign(warmed(learningRate, numWarmupSteps, after), {
    origin: ['transformers.schedules.cosineWithRestarts', learningRate, { ...options }]
  })
}
