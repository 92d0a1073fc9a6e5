import { guarded } from '../internal/guarded.js'
import { warmupCosine } from '../internal/warmupCosine.js'
import type { Schedule } from '../types.js'

/** Options of {@link warmupCosineDecaySchedule}. */
export interface WarmupCosineDecayScheduleOptions {
  /** Value at step 0, any finite number. */
  readonly initValue: number
  /** Value after the warmup, any finite number. */
  readonly peakValue: number
  /** Number W of steps of the warmup, a whole number ≥ 0; 0 is no warmup. */
  readonly warmupSteps: number
  /** Number T of steps of the whole, the warmup included: a whole number > W. */
  readonly decaySteps: number
  /** Value after the decay, any finite number. @defaultValue `0` */
  readonly endValue?: number
  /** Power of the cosine, finite and > 0; the larger, the earlier the value falls. @defaultValue `1` */
  readonly exponent?: number
  /** What is added to the step in the warmup: with 1 the first step already is a part of the way. @defaultValue `0` */
  readonly warmupOffset?: 0 | 1
}

/**
 * Warms up along a straight line, then decays along half a period of the cosine.
 *
 *     f = joinSchedules([linear, cosine], [W])
 *     linear: from initValue to peakValue in W steps, one step ahead with a warmupOffset of 1
 *     cosine: from peakValue in T − W steps, α = endValue / peakValue
 *
 * `decaySteps` counts the warmup too, and `endValue` is a value, not a share of the peak.
 *
 * Laws: equal to its two parts bit for bit; peakValue at W; endValue, up to rounding, from T on.
 *
 * Unlike Optax: a `peakValue` of 0 still leads to `endValue`, which Optax ignores there; exponent 0 is refused.
 *
 * @example
 * const schedule = warmupCosineDecaySchedule({ initValue: 0, peakValue: 8, warmupSteps: 100, decaySteps: 500 })
 * schedule(50) // => 4
 * schedule(100) // => 8
 * schedule(300) // => 4
 * schedule(500) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see linearSchedule, cosineDecaySchedule, joinSchedules, sgdrSchedule
 */
export const warmupCosineDecaySchedule = (options: WarmupCosineDecayScheduleOptions): Schedule =>
  guarded(['warmupCosineDecaySchedule', { ...options }], warmupCosine('warmupCosineDecaySchedule', options))
