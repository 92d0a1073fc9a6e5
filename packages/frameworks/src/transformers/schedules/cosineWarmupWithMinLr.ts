import { check, finite, optional, positive, required, withDefaults } from '@gradchain/core'
import { joinSchedules, mapSchedule, type Schedule } from '@gradchain/schedules'
import { leastShare } from '../internal/leastShare.js'
import { above, checkWarmup } from '../internal/warmed.js'
import { wave } from '../internal/wave.js'

/** Options of {@link cosineWarmupWithMinLr}. */
export interface CosineWarmupWithMinLrOptions {
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
  /** Where the warmup begins, as a share of the learning rate, any finite number. @defaultValue `1 / numWarmupSteps` */
  readonly warmupLrRate?: number | undefined
}

/**
 * transformers' `cosine_warmup_with_min_lr`: {@link cosineWithMinLr} one step ahead.
 *
 * It counts steps from 1: the first one already has a share of the learning rate, or `warmupLrRate` of it, and the least value is reached one
 * step before `numTrainingSteps`.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.cosineWarmupWithMinLr(8, { numWarmupSteps: 4, numTrainingSteps: 12, minLr: 2 })
 * schedule(0) // => 2
 * schedule(11) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_cosine_with_min_lr_schedule_with_warmup_lr_rate`
 */
export const cosineWarmupWithMinLr = (learningRate: number, options: CosineWarmupWithMinLrOptions): Schedule => {
  const { numWarmupSteps, numTrainingSteps, numCycles, minLr, minLrRate, warmupLrRate } = withDefaults<
    Required<CosineWarmupWithMinLrOptions>
  >('transformers.schedules.cosineWarmupWithMinLr', options, {
    numWarmupSteps: required,
    numTrainingSteps: required,
    numCycles: 0.5,
    minLr: undefined,
    minLrRate: undefined,
    warmupLrRate: undefined
  })
  checkWarmup('transformers.schedules.cosineWarmupWithMinLr', learningRate, numWarmupSteps)
  check('transformers.schedules.cosineWarmupWithMinLr', { numTrainingSteps }, above(numWarmupSteps))
  check('transformers.schedules.cosineWarmupWithMinLr', { numCycles }, positive)
  check('transformers.schedules.cosineWarmupWithMinLr', { warmupLrRate }, optional(finite))
  const least = leastShare('transformers.schedules.cosineWarmupWithMinLr', learningRate, { minLr, minLrRate })
  const length = numTrainingSteps - numWarmupSteps
  const warmup = (step: number): number =>
    warmupLrRate === undefined
      ? (step + 1) / Math.max(1, numWarmupSteps)
      : warmupLrRate + ((1 - warmupLrRate) * step) / Math.max(1, numWarmupSteps - 1)
  const after = (step: number): number => Math.max(0, wave(numCycles * ((step + 1) / length)) * (1 - least) + least)
  return Object.assign(
    mapSchedule(joinSchedules([warmup, after], [numWarmupSteps]), (share) => learningRate * share),
    { origin: ['transformers.schedules.cosineWarmupWithMinLr', learningRate, { ...options }] }
  )
}
