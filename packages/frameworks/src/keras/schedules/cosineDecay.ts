import { check, nonNegativeInteger, required, withDefaults } from '@gradchain/core'
import { cosineDecaySchedule, joinSchedules, linearSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** Number of steps, a whole number ≥ 1. */
  readonly decaySteps: number
  /** The value at the end as a share of the largest, any finite number. @defaultValue `0` */
  readonly alpha?: number
  /** The value after the warmup, any finite number; without it there is no warmup. @defaultValue `undefined` */
  readonly warmupTarget?: number | undefined
  /** Number of steps of the warmup, a whole number ≥ 0. @defaultValue `0` */
  readonly warmupSteps?: number
}

/**
 * Keras's `CosineDecay`: `cosineDecaySchedule`, after a `linearSchedule` where there is a warmup.
 *
 * `decaySteps` does not include the warmup: with 5 steps of it and a decay of 10, the end is at step 15. `warmupSteps` without a
 * `warmupTarget` is ignored, as there; with one, the first argument is where the warmup begins, mostly 0.
 *
 * @param initialLearningRate - the first value, any finite number.
 *
 * @example
 * const schedule = keras.schedules.cosineDecay(0, { decaySteps: 10, warmupTarget: 8, warmupSteps: 5 })
 * schedule(5) // => 8
 * schedule(10) // => 4
 * schedule(15) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/}
 */
export const cosineDecay = (initialLearningRate: number, options: CosineDecayOptions): Schedule => {
  const { decaySteps, alpha, warmupTarget, warmupSteps } = withDefaults<Required<CosineDecayOptions>>(
    'keras.schedules.cosineDecay',
    options,
    {
      decaySteps: required,
      alpha: 0,
      warmupTarget: undefined,
      warmupSteps: 0
    }
  )
  check('keras.schedules.cosineDecay', { warmupSteps }, nonNegativeInteger)
  if (warmupTarget === undefined)
    return Object.assign(cosineDecaySchedule({ initValue: initialLearningRate, decaySteps, alpha }), {
      origin: ['keras.schedules.cosineDecay', initialLearningRate, { ...options }]
    })
  return Object.assign(
    joinSchedules(
      [
        linearSchedule({ initValue: initialLearningRate, endValue: warmupTarget, transitionSteps: warmupSteps }),
        cosineDecaySchedule({ initValue: warmupTarget, decaySteps, alpha })
      ],
      [warmupSteps]
    ),
    { origin: ['keras.schedules.cosineDecay', initialLearningRate, { ...options }] }
  )
}
