import { check, positive, required, withDefaults } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'
import { leastShare } from '../internal/leastShare.js'
import { above, checkWarmup, warmed } from '../internal/warmed.js'
import { wave } from '../internal/wave.js'

/** Options of {@link cosineWithMinLr}. */
export interface CosineWithMinLrOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
  /** Number of steps of the whole, the warmup included, a whole number above it. */
  readonly numTrainingSteps: number
  /** Number of periods of the cosine after the warmup, finite and > 0; a half goes down and ends. @defaultValue `0.5` */
  readonly numCycles?: number
  /** The least value, any finite number; this or `minLrRate` must be given. @defaultValue none */
  readonly minLr?: number | undefined
  /** The least value as a share of the learning rate, any finite number. @defaultValue none */
  readonly minLrRate?: number | undefined
}

/**
 * transformers' `cosine_with_min_lr`: {@link cosine} that does not go down to 0.
 *
 * Past `numTrainingSteps` the learning rate climbs again.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.cosineWithMinLr(8, { numWarmupSteps: 4, numTrainingSteps: 12, minLrRate: 0.25 })
 * schedule(8) // => 5
 * schedule(12) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_cosine_with_min_lr_schedule_with_warmup`
 */
export const cosineWithMinLr = (learningRate: number, options: CosineWithMinLrOptions): Schedule => {
  const { numWarmupSteps, numTrainingSteps, numCycles, minLr, minLrRate } = withDefaults<
    Required<CosineWithMinLrOptions>
  >('transformers.schedules.cosineWithMinLr', options, {
    numWarmupSteps: required,
    numTrainingSteps: required,
    numCycles: 0.5,
    minLr: undefined,
    minLrRate: undefined
  })
  checkWarmup('transformers.schedules.cosineWithMinLr', learningRate, numWarmupSteps)
  check('transformers.schedules.cosineWithMinLr', { numTrainingSteps }, above(numWarmupSteps))
  check('transformers.schedules.cosineWithMinLr', { numCycles }, positive)
  const least = leastShare('transformers.schedules.cosineWithMinLr', learningRate, { minLr, minLrRate })
  const length = numTrainingSteps - numWarmupSteps
  const after = (step: number): number =>
    learningRate * Math.max(0, wave(numCycles * (step / length)) * (1 - least) + least)
  return Object.assign(warmed(learningRate, numWarmupSteps, after), {
    origin: ['transformers.schedules.cosineWithMinLr', learningRate, { ...options }]
  })
}
