import { check, finite, nonNegativeInteger, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { polynomial } from '../internal/polynomial.js'
import type { Schedule } from '../types.js'

/** Options of {@link linearSchedule}. */
export interface LinearScheduleOptions {
  /** Value I before the transition, any finite number. */
  readonly initValue: number
  /** Value E after the transition, any finite number. */
  readonly endValue: number
  /** Number T of steps from I to E, a whole number ≥ 0; 0 jumps. */
  readonly transitionSteps: number
  /** Step B at which the transition begins, a whole number ≥ 0. @defaultValue `0` */
  readonly transitionBegin?: number
}

/**
 * Goes from one value to another along a straight line, and holds both before and after.
 *
 * At step t:
 *
 *     f(t) = (I − E) · (1 − s) + E           s = min(max(t − B, 0) / T, 1)
 *     f(t) = E                               from t = B + T on
 *
 * Before B the value is `(I − E) + E`, which is I up to one rounding: the bits are those of Optax.
 *
 * Laws: monotone; between I and E; E from B + T on; {@link polynomialSchedule} with power 1.
 *
 * Unlike Optax: with `transitionSteps` 0 the value jumps to E at B, as the formula says, where Optax holds I for ever;
 * a negative `transitionBegin` (taken for 0 there) is refused.
 *
 * @example
 * const schedule = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 4 })
 * schedule(0) // => 1
 * schedule(1) // => 0.75
 * schedule(100) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see polynomialSchedule, warmupConstantSchedule
 */
export const linearSchedule = (options: LinearScheduleOptions): Schedule => {
  const { initValue, endValue, transitionSteps, transitionBegin } = withDefaults<Required<LinearScheduleOptions>>(
    'linearSchedule',
    options,
    { initValue: required, endValue: required, transitionSteps: required, transitionBegin: 0 }
  )
  check('linearSchedule', { initValue, endValue }, finite)
  check('linearSchedule', { transitionSteps, transitionBegin }, nonNegativeInteger)

  return guarded(
    ['linearSchedule', { ...options }],
    polynomial(initValue, endValue, 1, transitionSteps, transitionBegin)
  )
}
