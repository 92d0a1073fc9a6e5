import { check, finite, nonNegativeInteger, oneOf, required, withDefaults } from '@gradchain/core'
import { exponential } from '../internal/exponential.js'
import { guarded } from '../internal/guarded.js'
import { joined } from '../internal/joined.js'
import { rise } from '../internal/rise.js'
import type { Schedule } from '../types.js'

/** Options of {@link warmupExponentialDecaySchedule}. */
export interface WarmupExponentialDecayScheduleOptions {
  /** Value at step 0, any finite number. */
  readonly initValue: number
  /** Value after the warmup, any finite number. */
  readonly peakValue: number
  /** Number W of steps of the warmup, a whole number ≥ 0; 0 is no warmup. */
  readonly warmupSteps: number
  /** Number of steps in which the value is multiplied by `decayRate` once, a whole number ≥ 0; 0 is the limit. */
  readonly transitionSteps: number
  /** Factor for every `transitionSteps` steps, finite and > 0; above 1 the value grows. */
  readonly decayRate: number
  /** Number of steps between the warmup and the decay, a whole number ≥ 0. @defaultValue `0` */
  readonly transitionBegin?: number
  /** Whether the decay moves only once every `transitionSteps` steps. @defaultValue `false` */
  readonly staircase?: boolean
  /**
   * Bound for the value after the warmup, any finite number: from below for a `decayRate` < 1, from above otherwise.
   *
   * @defaultValue no bound
   */
  readonly endValue?: number | undefined
  /** What is added to the step in the warmup: with 1 the first step already is a part of the way. @defaultValue `0` */
  readonly warmupOffset?: 0 | 1
}

/**
 * Warms up along a straight line, then decays by a constant factor.
 *
 *     f = joinSchedules([linear, exponential], [W])
 *     linear: from initValue to peakValue in W steps, one step ahead with a warmupOffset of 1
 *     exponential: exponentialDecay from peakValue, on its own clock
 *
 * `transitionSteps` and `transitionBegin` count from the end of the warmup.
 *
 * Laws: equal to its two parts bit for bit; without a bound, peakValue at W.
 *
 * Unlike Optax: what {@link exponentialDecay} says of `transitionSteps` 0 and `decayRate` 0.
 *
 * @example
 * const schedule = warmupExponentialDecaySchedule({
 *   initValue: 0,
 *   peakValue: 8,
 *   warmupSteps: 4,
 *   transitionSteps: 10,
 *   decayRate: 0.5
 * })
 * schedule(2) // => 4
 * schedule(4) // => 8
 * schedule(14) // => 4
 * schedule(24) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see linearSchedule, exponentialDecay, joinSchedules
 */
export const warmupExponentialDecaySchedule = (options: WarmupExponentialDecayScheduleOptions): Schedule => {
  const { initValue, peakValue, warmupSteps, warmupOffset, ...decay } = withDefaults<
    Required<WarmupExponentialDecayScheduleOptions>
  >('warmupExponentialDecaySchedule', options, {
    initValue: required,
    peakValue: required,
    warmupSteps: required,
    transitionSteps: required,
    decayRate: required,
    transitionBegin: 0,
    staircase: false,
    endValue: undefined,
    warmupOffset: 0
  })
  check('warmupExponentialDecaySchedule', { initValue, peakValue }, finite)
  check('warmupExponentialDecaySchedule', { warmupSteps }, nonNegativeInteger)
  check('warmupExponentialDecaySchedule', { warmupOffset }, oneOf(0, 1))

  const warmup = rise(initValue, peakValue, warmupSteps, warmupOffset)
  const descent = exponential('warmupExponentialDecaySchedule', { initValue: peakValue, ...decay })
  return guarded(['warmupExponentialDecaySchedule', { ...options }], joined([warmup, descent], [warmupSteps]))
}
