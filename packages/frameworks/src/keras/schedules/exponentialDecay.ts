import { required, withDefaults } from '@gradchain/core'
import { exponentialDecay as decay, type Schedule } from '@gradchain/schedules'

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** Number of steps, a whole number ≥ 1. */
  readonly decaySteps: number
  /** Factor for every `decaySteps` steps, finite and > 0. */
  readonly decayRate: number
  /** Whether the value changes only once every `decaySteps` steps. @defaultValue `false` */
  readonly staircase?: boolean
}

/**
 * Keras's `ExponentialDecay`: `exponentialDecay`.
 *
 * It has no bound from below.
 *
 * @param initialLearningRate - the first value, any finite number.
 *
 * @example
 * keras.schedules.exponentialDecay(8, { decaySteps: 10, decayRate: 0.5 })(20) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/}
 */
export const exponentialDecay = (initialLearningRate: number, options: ExponentialDecayOptions): Schedule => {
  const { decaySteps, decayRate, staircase } = withDefaults<Required<ExponentialDecayOptions>>(
    'keras.schedules.exponentialDecay',
    options,
    {
      decaySteps: required,
      decayRate: required,
      staircase: false
    }
  )
  return Object.assign(decay({ initValue: initialLearningRate, transitionSteps: decaySteps, decayRate, staircase }), {
    origin: ['keras.schedules.exponentialDecay', initialLearningRate, { ...options }]
  })
}
