import {
  boolean,
  chain,
  check,
  type DType,
  type GradientTransformation,
  oneOf,
  restated,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByRmsOptions,
  type ScaleByScheduleState,
  type ScaleByStddevState,
  scaleByLearningRate,
  scaleByRms,
  scaleByStddev,
  type TraceState
} from '@gradchain/transforms'
import { momentumTrace } from './internal/momentum.js'

/** Options of {@link rmsprop}: those of `scaleByRms`, and more. */
export interface RmspropOptions extends ScaleByRmsOptions {
  /** Whether to divide by the standard deviation in place of the root mean square. @defaultValue `false` */
  readonly centered?: boolean
  /** Decay rate μ of the momentum, in `[0, 1]`; without it there is none. @defaultValue `undefined` */
  readonly momentum?: number | undefined
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
  /** The dtype in which the mean of a centered one is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /**
   * Whether the learning rate is applied before the momentum, `'inside'`, as in Optax and TensorFlow, or after it, `'outside'`, as
   * in PyTorch. @defaultValue `'inside'`
   */
  readonly lrPlacement?: 'outside' | 'inside'
}

/**
 * State of {@link rmsprop}. What the options do not need is `null`, an empty tree: the mean unless centered, the trace
 * without momentum.
 */
export type RmspropState = readonly [ScaleByStddevState, ScaleByScheduleState, TraceState]

/**
 * RMSProp: steps scaled by a running root mean square of the gradient, with momentum when asked for.
 *
 *     chain(
 *       scaleByRms({ decay, eps, initialScale, epsInSqrt, biasCorrection, nuDtype }), // scaleByStddev, with muDtype, when centered
 *       scaleByLearningRate(learningRate),
 *       trace(momentum, { nesterov, accumulatorDtype })
 *     )
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from v₀ = initialScale and τ₀ = 0:
 *
 *     vₜ = β vₜ₋₁ + (1 − β) g²
 *     τₜ = −α(t − 1) g / √(vₜ + eps) + μ τₜ₋₁
 *     uₜ = τₜ
 *
 * and with the learning rate outside, where it acts on all of the momentum:
 *
 *     τₜ = g / √(vₜ + eps) + μ τₜ₋₁
 *     uₜ = −α(t − 1) τₜ
 *
 * The state has one type. What the options do not need is not kept, `null` stands in its place.
 *
 * Laws: elementwise; odd in the gradient; momentum 0 is no momentum; with bias correction and eps outside the root it is
 * `adam` with b1 = 0; a learning rate that is a number is its constant schedule, and then it does not matter where it
 * is placed, up to rounding.
 *
 * As in Optax and TensorFlow, momentum comes after the learning rate and eps is inside the root. PyTorch's form is
 * `rmsprop(learningRate, { decay: 0.99, epsInSqrt: false, lrPlacement: 'outside' })`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = rmsprop(0.5, { decay: 0.75, eps: 0 })
 * const params = { w: 4 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Tieleman and Hinton (2012), Neural Networks for Machine Learning, lecture 6e,
 * {@link https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf}
 * @see Graves (2013), Generating Sequences With Recurrent Neural Networks, section 4.2, for centered,
 * {@link https://arxiv.org/abs/1308.0850}
 */
export const rmsprop = (
  learningRate: ScalarOrSchedule,
  options: RmspropOptions = {}
): GradientTransformation<RmspropState> => {
  const { centered, momentum, nesterov, accumulatorDtype, lrPlacement, muDtype, ...rest } = withDefaults<
    Required<RmspropOptions>
  >('rmsprop', options, {
    decay: 0.9,
    eps: 1e-8,
    initialScale: 0,
    epsInSqrt: true,
    biasCorrection: false,
    muDtype: undefined,
    nuDtype: undefined,
    centered: false,
    momentum: undefined,
    nesterov: false,
    accumulatorDtype: undefined,
    lrPlacement: 'inside'
  })
  check('rmsprop', { centered }, boolean)
  check('rmsprop', { lrPlacement }, oneOf('outside', 'inside'))
  const scaled = centered ? scaleByStddev({ ...rest, muDtype }) : uncentered(rest)
  // What is not used is checked as well.
  if (!centered) scaleByStddev({ muDtype })
  const rate = scaleByLearningRate(learningRate)
  const kept = momentumTrace('rmsprop', momentum, { nesterov, accumulatorDtype })
  if (lrPlacement === 'inside') return withOrigin(['rmsprop', learningRate, { ...options }], chain(scaled, rate, kept))
  // Which of the two acts first is not to be seen in the state.
  return withOrigin(
    ['rmsprop', learningRate, { ...options }],
    restated(
      'rmsprop',
      chain(scaled, kept, rate),
      ([a, c, b]) => [a, b, c] as const,
      ([a, b, c]) => [a, c, b] as const
    )
  )
}

/** `scaleByRms` with the state of `scaleByStddev`: `null`, an empty tree, in the place of the mean that it does not keep. */
const uncentered = (options: ScaleByRmsOptions): GradientTransformation<ScaleByStddevState> =>
  restated(
    'rmsprop',
    scaleByRms(options),
    (own): ScaleByStddevState => ({ ...own, mu: null }),
    ({ count, nu }) => ({ count, nu })
  )
