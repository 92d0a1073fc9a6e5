import {
  check,
  finite,
  nonNegativeInteger,
  oneOf,
  positive,
  positiveInteger,
  required,
  withDefaults
} from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { leftOut } from '../internal/leftOut.js'
import { warmup } from '../internal/warmup.js'
import type { Schedule } from '../types.js'

/** Options of {@link rsqrtSchedule}, by the value at the end of the warmup. */
export interface RsqrtPeakOptions {
  /** Value P after the warmup, any finite number. */
  readonly peakValue: number
  /** Number W of steps of the warmup, a whole number ≥ 0; with 0 a `timescale` must be given. */
  readonly warmupSteps: number
  /** Number τ of steps after which the value has fallen to P / √2, finite and > 0. @defaultValue `warmupSteps` */
  readonly timescale?: number | undefined
  /** What is added to the step in all of the formula: 0, so that it begins at 0, or 1. @defaultValue `0` */
  readonly warmupOffset?: 0 | 1 | undefined
  /** Belongs to the other form. */
  readonly dModel?: undefined
  /** Belongs to the other form. */
  readonly scale?: undefined
}

/** Options of {@link rsqrtSchedule}, by the width of the model, as in the paper. */
export interface RsqrtModelOptions {
  /** Width d of the model, a whole number ≥ 1. */
  readonly dModel: number
  /** Number W of steps of the warmup, a whole number ≥ 1; 4000 in the paper. */
  readonly warmupSteps: number
  /** What the whole is multiplied by, any finite number. @defaultValue `1` */
  readonly scale?: number | undefined
  /** What is added to the step in all of the formula: 1, as the paper counts, or 0. @defaultValue `1` */
  readonly warmupOffset?: 0 | 1 | undefined
  /** Belongs to the other form. */
  readonly peakValue?: undefined
  /** Belongs to the other form. */
  readonly timescale?: undefined
}

/** Options of {@link rsqrtSchedule}: `peakValue` or `dModel`, never both. */
export type RsqrtScheduleOptions = RsqrtPeakOptions | RsqrtModelOptions

/**
 * Warms up along a straight line, then decays like one over the square root of the step: the schedule of the
 * Transformer, also called Noam.
 *
 * With n = t + warmupOffset:
 *
 *     f(t) = P · n / W                       n < W
 *     f(t) = P · √(τ / (n − W + τ))          n ≥ W
 *
 * and by default τ = W, with which the second line is P · √(W / n). Given the width d of the model in place of the peak,
 * P = scale / √(d · W): that is the formula of the paper, d^(−1/2) · min(n^(−1/2), n · W^(−3/2)).
 *
 * The paper counts its steps from 1, and so does this with `dModel`; with `peakValue` the first value is 0, as in
 * Transformers' `get_inverse_sqrt_schedule` and as the warmups of Optax do. The `warmupOffset` changes either.
 *
 * Laws: continuous, with its peak at n = W; the two forms agree where P = scale / √(d · W); for τ = W four times n
 * has half the value, after the warmup.
 *
 * @example
 * const schedule = rsqrtSchedule({ peakValue: 1, warmupSteps: 100 })
 * schedule(50) // => 0.5
 * schedule(100) // => 1
 * schedule(400) // => 0.5
 * const noam = rsqrtSchedule({ dModel: 256, warmupSteps: 4096 })
 * noam(4095) // => 0.0009765625
 *
 * @throws InvalidOption at construction, when an option is missing, unknown, outside its range or of the other form; at
 * a step that is not a finite number ≥ 0.
 * @see Vaswani et al. (2017), Attention Is All You Need, section 5.3, {@link https://arxiv.org/abs/1706.03762}
 */
export const rsqrtSchedule = (options: RsqrtScheduleOptions): Schedule => {
  const { peakValue, warmupSteps, timescale, warmupOffset, dModel, scale } = withDefaults<Filled>(
    'rsqrtSchedule',
    options,
    {
      peakValue: required,
      warmupSteps: required,
      timescale: undefined,
      warmupOffset: undefined,
      dModel: undefined,
      scale: undefined
    }
  )
  const offset = warmupOffset ?? (dModel === undefined ? 0 : 1)
  check('rsqrtSchedule', { warmupOffset: offset }, oneOf(0, 1))

  if (dModel === undefined) {
    check('rsqrtSchedule', { peakValue }, { what: 'a finite number where no dModel is given', holds: finite.holds })
    check('rsqrtSchedule', { scale }, leftOut('where no dModel is given'))
    check('rsqrtSchedule', { warmupSteps }, nonNegativeInteger)
    // Without a warmup, its length is no scale of time.
    const tau = timescale ?? (warmupSteps === 0 ? required : warmupSteps)
    check('rsqrtSchedule', { timescale: tau }, positive)
    return guarded(['rsqrtSchedule', { ...options }], curve(peakValue, warmupSteps, tau, offset))
  }
  check('rsqrtSchedule', { peakValue, timescale }, leftOut('where dModel is given'))
  check('rsqrtSchedule', { dModel, warmupSteps }, positiveInteger)
  check('rsqrtSchedule', { scale: scale ?? 1 }, finite)
  return guarded(
    ['rsqrtSchedule', { ...options }],
    curve((scale ?? 1) / Math.sqrt(dModel * warmupSteps), warmupSteps, warmupSteps, offset)
  )
}

/** Every option of both forms. */
interface Filled {
  readonly peakValue: number
  readonly warmupSteps: number
  readonly timescale: number | undefined
  readonly warmupOffset: 0 | 1 | undefined
  readonly dModel: number | undefined
  readonly scale: number | undefined
}

const curve = (peakValue: number, warmupSteps: number, tau: number, offset: 0 | 1): Schedule => {
  const rise = warmup('linear', 0, peakValue, warmupSteps, offset)
  return (step) => {
    const elapsed = step + offset - warmupSteps
    return elapsed < 0 ? rise(step) : peakValue * Math.sqrt(tau / (elapsed + tau))
  }
}
