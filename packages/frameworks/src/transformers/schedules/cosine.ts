import { check, positive, required, withDefaults } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'
import { above, checkWarmup, warmed } from '../internal/warmed.js'
import { wave } from '../internal/wave.js'

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
  /** Number of steps of the whole, the warmup included, a whole number above it. */
  readonly numTrainingSteps: number
  /** Number of periods of the cosine after the warmup, finite and > 0; a half goes down and ends. @defaultValue `0.5` */
  readonly numCycles?: number
}

/**
 * transformers' `cosine`: a straight line from 0, then a cosine.
 *
 * With the default of half a period it ends at 0 at `numTrainingSteps`; past that the cosine goes on and the learning rate climbs again. Whole
 * numbers of cycles end at the top.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.cosine(8, { numWarmupSteps: 4, numTrainingSteps: 12 })
 * schedule(4) // => 8
 * schedule(8) // => 4
 * schedule(12) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_cosine_schedule_with_warmup`
 */
export const cosine = (learningRate: number, options: CosineOptions): Schedule => {
  const { numWarmupSteps, numTrainingSteps, numCycles } = withDefaults<Required<CosineOptions>>(
    'transformers.schedules.cosine',
    options,
    {
      numWarmupSteps: required,
      numTrainingSteps: required,
      numCycles: 0.5
    }
  )
  checkWarmup('transformers.schedules.cosine', learningRate, numWarmupSteps)
  check('transformers.schedules.cosine', { numTrainingSteps }, above(numWarmupSteps))
  check('transformers.schedules.cosine', { numCycles }, positive)
  const length = numTrainingSteps - numWarmupSteps
  const after = (step: number): number => learningRate * Math.max(0, wave(numCycles * (step / length)))
  return Object.assign(warmed(learningRate, numWarmupSteps, after), {
    origin: ['transformers.schedules.cosine', learningRate, { ...options }]
  })
}
