import { exp } from '@gradchain/core/numbers'
import { timeDecay } from '../internal/timeDecay.js'
import type { Schedule } from '../types.js'

/** Options of {@link naturalExpDecay}. */
export interface NaturalExpDecayOptions {
  /** Value I at step 0, any finite number. */
  readonly initValue: number
  /** Rate λ of the decay per T steps, finite and ≥ 0. */
  readonly decayRate: number
  /** Number T of steps that make one unit of time, a whole number ≥ 1. @defaultValue `1` */
  readonly transitionSteps?: number
  /** Whether the value changes only once every T steps. @defaultValue `false` */
  readonly staircase?: boolean
}

/**
 * Decays exponentially, by a rate and not by a factor.
 *
 * At step t:
 *
 *     f(t) = I · e^(−λ · p)                  p = t / T, rounded down when staircase
 *
 * It is what TensorFlow called `natural_exp_decay`. PyTorch's `ExponentialLR`, I · γᵗ, is this with λ = −ln γ, and so is
 * {@link exponentialDecay} with the same T and the factor e^(−λ).
 *
 * Laws: f(t + T) = e^(−λ) · f(t); monotone towards 0; constant for λ = 0; linear in I.
 *
 * @example
 * const schedule = naturalExpDecay({ initValue: 8, decayRate: Math.LN2, transitionSteps: 10 })
 * schedule(0) // => 8
 * schedule(10).toFixed(12) // => '4.000000000000'
 * schedule(15).toFixed(4) // => '2.8284'
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see exponentialDecay, inverseTimeDecay
 */
export const naturalExpDecay = (options: NaturalExpDecayOptions): Schedule =>
  timeDecay('naturalExpDecay', options, (initValue, passed) => initValue * exp(-passed))
