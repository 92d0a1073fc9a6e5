import { check, finite, nonNegativeInteger, oneOf, required, withDefaults } from '@gradchain/core'
import { cosPi } from '@gradchain/core/numbers'
import { guarded } from '../internal/guarded.js'
import { anInterpolateType } from '../internal/interpolate.js'
import { warmup } from '../internal/warmup.js'
import type { InterpolateType, Schedule } from '../types.js'

/** How {@link wsdSchedule} decays. */
export type WsdDecayShape = 'linear' | 'cosine' | '1-sqrt' | '1-square'

/** Options of {@link wsdSchedule}. */
export interface WsdScheduleOptions {
  /** Value P between warmup and decay, any finite number. */
  readonly peakValue: number
  /** Number W of steps of the warmup, a whole number ≥ 0; 0 is no warmup. */
  readonly warmupSteps: number
  /** Number S of steps for which P is held, a whole number ≥ 0. */
  readonly stableSteps: number
  /** Number D of steps of the decay, a whole number ≥ 0, usually a tenth to a fifth of all; 0 is a jump. */
  readonly decaySteps: number
  /** Value at the beginning of the warmup, any finite number. @defaultValue `0` */
  readonly initValue?: number
  /** Value E after the decay, any finite number. @defaultValue `0` */
  readonly endValue?: number
  /** What remains of the way from E to P, see below. @defaultValue `'linear'` */
  readonly decayShape?: WsdDecayShape
  /** The way from `initValue` to P: a straight line or half a period of the cosine. @defaultValue `'linear'` */
  readonly warmupShape?: InterpolateType
  /** What is added to the step in the warmup: with 1 the first step already is a part of the way. @defaultValue `0` */
  readonly warmupOffset?: 0 | 1
}

/**
 * Warms up, holds a value, then decays in a short time: warmup, stable, decay, the trapezoid of large language models.
 *
 *     f(t) = warmup from initValue to P      t < W
 *     f(t) = P                               W ≤ t < W + S
 *     f(t) = E + (P − E) · r(p)              p = (t − W − S) / D
 *     f(t) = E                               t ≥ W + S + D
 *
 *     decayShape     r(p)
 *     'linear'       1 − p
 *     'cosine'       (1 + cos(π · p)) / 2
 *     '1-sqrt'       1 − √p                  falls at once, and flattens
 *     '1-square'     1 − p²                  falls late
 *
 * The run may be longer than was planned: up to the decay no value depends on when it begins. Hägele et al. found
 * '1-sqrt' a little better than the straight line; Transformers' `get_wsd_schedule` decays along the cosine unless told
 * otherwise.
 *
 * Laws: continuous for W, D ≥ 1; between its three values; equal for all S up to the decay; for P ≥ E '1-sqrt' is nowhere
 * above 'linear', and 'linear' nowhere above '1-square'.
 *
 * @example
 * const schedule = wsdSchedule({ peakValue: 8, warmupSteps: 10, stableSteps: 80, decaySteps: 16, decayShape: '1-sqrt' })
 * schedule(5) // => 4
 * schedule(90) // => 8
 * schedule(94) // => 4
 * schedule(106) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Hu et al. (2024), MiniCPM: Unveiling the Potential of Small Language Models with Scalable Training Strategies, section 4,
 * {@link https://arxiv.org/abs/2404.06395}; Hägele et al. (2024), Scaling Laws and Compute-Optimal Training Beyond Fixed Training
 * Durations, {@link https://arxiv.org/abs/2405.18392}
 */
export const wsdSchedule = (options: WsdScheduleOptions): Schedule => {
  const filled = withDefaults<Required<WsdScheduleOptions>>('wsdSchedule', options, {
    peakValue: required,
    warmupSteps: required,
    stableSteps: required,
    decaySteps: required,
    initValue: 0,
    endValue: 0,
    decayShape: 'linear',
    warmupShape: 'linear',
    warmupOffset: 0
  })
  const { peakValue, warmupSteps, stableSteps, decaySteps, initValue, endValue } = filled
  const { decayShape, warmupShape, warmupOffset } = filled
  check('wsdSchedule', { peakValue }, finite)
  check('wsdSchedule', { warmupSteps, stableSteps, decaySteps }, nonNegativeInteger)
  check('wsdSchedule', { initValue, endValue }, finite)
  check('wsdSchedule', { decayShape }, oneOf(...Object.keys(remainders)))
  check('wsdSchedule', { warmupShape }, anInterpolateType)
  check('wsdSchedule', { warmupOffset }, oneOf(0, 1))

  const rise = warmup(warmupShape, initValue, peakValue, warmupSteps, warmupOffset)
  const remainder = remainders[decayShape]
  return guarded(['wsdSchedule', { ...options }], (step) => {
    const elapsed = step - warmupSteps - stableSteps
    if (elapsed >= decaySteps) return endValue
    if (elapsed <= 0) return step < warmupSteps ? rise(step) : peakValue
    return endValue + (peakValue - endValue) * remainder(elapsed / decaySteps)
  })
}

/** What remains of the way down after a share of the steps. */
const remainders: Readonly<Record<WsdDecayShape, (share: number) => number>> = {
  linear: (share) => 1 - share,
  cosine: (share) => (1 + cosPi(share)) / 2,
  '1-sqrt': (share) => 1 - Math.sqrt(share),
  '1-square': (share) => 1 - share * share
}
