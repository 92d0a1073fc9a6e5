import { required, withDefaults } from '@gradchain/core'
import { inverseTimeDecay as decay, type Schedule } from '@gradchain/schedules'

/** Options of {@link inverseTimeDecay}. */
export interface InverseTimeDecayOptions {
  /** Number of steps, a whole number ≥ 1. */
  readonly decaySteps: number
  /** Rate of the decay per `decaySteps` steps, finite and ≥ 0. */
  readonly decayRate: number
  /** Whether the value changes only once every `decaySteps` steps. @defaultValue `false` */
  readonly staircase?: boolean
}

/**
 * Keras's `InverseTimeDecay`: `inverseTimeDecay`.
 *
 * The `decay` argument of Keras 2's optimizers was this with `decaySteps: 1`.
 *
 * @param initialLearningRate - the first value, any finite number.
 *
 * @example
 * keras.schedules.inverseTimeDecay(8, { decaySteps: 10, decayRate: 1 })(30) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/}
 */
export const inverseTimeDecay = (initialLearningRate: number, options: InverseTimeDecayOptions): Schedule => {
  const { decaySteps, decayRate, staircase } = withDefaults<Required<InverseTimeDecayOptions>>(
    'keras.schedules.inverseTimeDecay',
    options,
    {
      decaySteps: required,
      decayRate: required,
      staircase: false
    }
  )
  return Object.assign(decay({ initValue: initialLearningRate, transitionSteps: decaySteps, decayRate, staircase }), {
    origin: ['keras.schedules.inverseTimeDecay', initialLearningRate, { ...options }]
  })
}
