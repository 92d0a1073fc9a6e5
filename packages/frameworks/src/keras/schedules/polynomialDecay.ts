import { required, withDefaults } from '@gradchain/core'
import { polynomialSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** Number of steps, a whole number ≥ 1. */
  readonly decaySteps: number
  /** The last value, any finite number. @defaultValue `1e-4` */
  readonly endLearningRate?: number
  /** Power of the share that is left, finite and > 0. @defaultValue `1` */
  readonly power?: number
  /** Whether the way begins again, each time with as many steps more. @defaultValue `false` */
  readonly cycle?: boolean
}

/**
 * Keras's `PolynomialDecay`: `polynomialSchedule`.
 *
 * It ends at 1e-4 by default, not at 0, whatever the learning rate: from one that is smaller it rises.
 *
 * @param initialLearningRate - the first value, any finite number.
 *
 * @example
 * keras.schedules.polynomialDecay(8, { decaySteps: 4, endLearningRate: 0, power: 2 })(2) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/}
 */
export const polynomialDecay = (initialLearningRate: number, options: PolynomialDecayOptions): Schedule => {
  const { decaySteps, endLearningRate, power, cycle } = withDefaults<Required<PolynomialDecayOptions>>(
    'keras.schedules.polynomialDecay',
    options,
    {
      decaySteps: required,
      endLearningRate: 1e-4,
      power: 1,
      cycle: false
    }
  )
  return Object.assign(
    polynomialSchedule({
      initValue: initialLearningRate,
      endValue: endLearningRate,
      power,
      transitionSteps: decaySteps,
      cycle
    }),
    { origin: ['keras.schedules.polynomialDecay', initialLearningRate, { ...options }] }
  )
}
