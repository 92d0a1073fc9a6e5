import { check, finite, positiveInteger, required, withDefaults } from '@gradchain/core'
import { exp } from '@gradchain/core/numbers'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/** Options of {@link tanhSchedule}. */
export interface TanhScheduleOptions {
  /** Value I that the curve comes from, any finite number. */
  readonly initValue: number
  /** Number T of steps until the end, a whole number ≥ 1. */
  readonly decaySteps: number
  /** Value E from T on, any finite number. @defaultValue `0` */
  readonly endValue?: number
  /** Where on the curve of tanh the way begins, L, any finite number. @defaultValue `-7` */
  readonly lowerBound?: number
  /** Where on the curve of tanh the way ends, U, any finite number. @defaultValue `3` */
  readonly upperBound?: number
}

/**
 * Stays near a value, falls, and stays near the other, along the hyperbolic tangent: timm's `TanhLRScheduler`.
 *
 * At step t, E from T on:
 *
 *     f(t) = E + (I − E) · (1 − tanh(L · (1 − s) + U · s)) / 2          s = t / T
 *
 * The curve meets neither end: at 0 the value is I but for a share (1 + tanh L) / 2, with L = −7 less than 10⁻⁶, and at T it
 * jumps by a share (1 − tanh U) / 2, with U = 3 a quarter of a percent.
 *
 * Laws: between I and E; monotone for L ≤ U; half the way where L · (1 − s) + U · s = 0; linear in I when E = 0.
 *
 * @example
 * const schedule = tanhSchedule({ initValue: 8, decaySteps: 100, lowerBound: -4, upperBound: 4 })
 * schedule(0) // => 7.997…
 * schedule(50) // => 4
 * schedule(99) // => 0.003…
 * schedule(100) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Hsueh, Li and Wu (2019), Stochastic Gradient Descent with Hyperbolic-Tangent Decay on Classification,
 * {@link https://arxiv.org/abs/1806.01593}
 * @see cosineDecaySchedule
 */
export const tanhSchedule = (options: TanhScheduleOptions): Schedule => {
  const { initValue, decaySteps, endValue, lowerBound, upperBound } = withDefaults<Required<TanhScheduleOptions>>(
    'tanhSchedule',
    options,
    { initValue: required, decaySteps: required, endValue: 0, lowerBound: -7, upperBound: 3 }
  )
  check('tanhSchedule', { initValue }, finite)
  check('tanhSchedule', { decaySteps }, positiveInteger)
  check('tanhSchedule', { endValue, lowerBound, upperBound }, finite)

  return guarded(['tanhSchedule', { ...options }], (step) => {
    if (step >= decaySteps) return endValue
    const share = step / decaySteps
    return endValue + (initValue - endValue) / (1 + exp(2 * (lowerBound * (1 - share) + upperBound * share)))
  })
}
