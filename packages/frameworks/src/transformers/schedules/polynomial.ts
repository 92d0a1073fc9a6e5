import { check, required, withDefaults } from '@gradchain/core'
import { polynomialSchedule, type Schedule } from '@gradchain/schedules'
import { above, checkWarmup, warmed } from '../internal/warmed.js'

/** Options of {@link polynomial}. */
export interface PolynomialOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
  /** Number of steps of the whole, the warmup included, a whole number above it. */
  readonly numTrainingSteps: number
  /** The last value, any finite number. @defaultValue `1e-7` */
  readonly lrEnd?: number
  /** Power of the share that is left, finite and > 0. @defaultValue `1` */
  readonly power?: number
}

/**
 * transformers' `polynomial`: a straight line from 0, then a power of what is left.
 *
 * By default it is a straight line, and ends at 1e-7, not at 0.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.polynomial(8, { numWarmupSteps: 4, numTrainingSteps: 8, lrEnd: 0, power: 2 })
 * schedule(6) // => 2
 * schedule(8) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_polynomial_decay_schedule_with_warmup`
 */
export const polynomial = (learningRate: number, options: PolynomialOptions): Schedule => {
  const { numWarmupSteps, numTrainingSteps, lrEnd, power } = withDefaults<Required<PolynomialOptions>>(
    'transformers.schedules.polynomial',
    options,
    {
      numWarmupSteps: required,
      numTrainingSteps: required,
      lrEnd: 1e-7,
      power: 1
    }
  )
  checkWarmup('transformers.schedules.polynomial', learningRate, numWarmupSteps)
  check('transformers.schedules.polynomial', { numTrainingSteps }, above(numWarmupSteps))
  const after = polynomialSchedule({
    initValue: learningRate,
    endValue: lrEnd,
    power,
    transitionSteps: numTrainingSteps - numWarmupSteps
  })
  return Object.assign(warmed(learningRate, numWarmupSteps, after), {
    origin: ['transformers.schedules.polynomial', learningRate, { ...options }]
  })
}
