import { timeDecay } from '../internal/timeDecay.js'
import type { Schedule } from '../types.js'

/** Options of {@link inverseTimeDecay}. */
export interface InverseTimeDecayOptions {
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
 * Decays like one over the time: the step sizes that Robbins and Monro ask for, ∑ f = ∞ and ∑ f² < ∞, for λ > 0.
 *
 * At step t:
 *
 *     f(t) = I / (1 + λ · p)                 p = t / T, rounded down when staircase
 *
 * as Keras has it under the same name.
 *
 * Laws: 1 / f is linear in t; monotone towards 0; constant for λ = 0; linear in I.
 *
 * @example
 * const schedule = inverseTimeDecay({ initValue: 8, decayRate: 1, transitionSteps: 10 })
 * schedule(0) // => 8
 * schedule(10) // => 4
 * schedule(30) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Robbins and Monro (1951), A Stochastic Approximation Method, {@link https://doi.org/10.1214/aoms/1177729586};
 * rsqrtSchedule, which decays more slowly.
 */
export const inverseTimeDecay = (options: InverseTimeDecayOptions): Schedule =>
  timeDecay('inverseTimeDecay', options, (initValue, passed) => initValue / (1 + passed))
