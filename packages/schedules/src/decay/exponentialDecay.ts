import { required, withDefaults } from '@gradchain/core'
import { exponential } from '../internal/exponential.js'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** Value I before the decay, any finite number. */
  readonly initValue: number
  /** Number T of steps in which the value is multiplied by r once, a whole number ≥ 0; 0 is the limit, see below. */
  readonly transitionSteps: number
  /** Factor r for every T steps, finite and > 0; above 1 the value grows. */
  readonly decayRate: number
  /** Step B at which the decay begins, a whole number ≥ 0. @defaultValue `0` */
  readonly transitionBegin?: number
  /** Whether the value changes only once every T steps. @defaultValue `false` */
  readonly staircase?: boolean
  /** Bound for the value, any finite number: from below for r < 1, from above for r ≥ 1. @defaultValue no bound */
  readonly endValue?: number | undefined
}

/**
 * Multiplies a value by the same factor in every stretch of steps.
 *
 * At step t:
 *
 *     f(t) = I                               t ≤ B
 *     f(t) = I · rᵖ                          p = (t − B) / T, rounded down when staircase
 *
 * and then, with an `endValue` E, max(f(t), E) for r < 1 and min(f(t), E) for r ≥ 1. As in Optax the bound also holds
 * before B: with I below the bound of a decay, the schedule starts at the bound.
 *
 * With `transitionSteps` 0 the decay is over at B, and f is its limit from there on: 0 for r < 1, I for r = 1, and for
 * r > 1 what `endValue` allows of an infinite value; where nothing bounds the growth, that is refused. With more steps
 * a growth that nothing bounds goes on until it is infinite.
 *
 * Laws: f(t + T) = r · f(t) from B on, without a bound; monotone; constant for r = 1 and for I = 0.
 *
 * Unlike Optax: `transitionSteps` 0 holds I for ever there, and so does `decayRate` 0, which is refused here, as are a
 * negative `transitionBegin` (taken for 0 there) and a negative `decayRate` (NaN there); I = 0 never becomes 0 · ∞.
 *
 * @example
 * const schedule = exponentialDecay({ initValue: 1, transitionSteps: 10, decayRate: 0.25, endValue: 0.1 })
 * schedule(0) // => 1
 * schedule(5) // => 0.5
 * schedule(10) // => 0.25
 * schedule(20) // => 0.1
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see warmupExponentialDecaySchedule
 */
export const exponentialDecay = (options: ExponentialDecayOptions): Schedule => {
  const filled = withDefaults<Required<ExponentialDecayOptions>>('exponentialDecay', options, {
    initValue: required,
    transitionSteps: required,
    decayRate: required,
    transitionBegin: 0,
    staircase: false,
    endValue: undefined
  })
  return guarded(['exponentialDecay', { ...options }], exponential('exponentialDecay', filled))
}
