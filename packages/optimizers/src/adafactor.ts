import {
  boolean,
  chain,
  check,
  type DType,
  type EmptyState,
  finite,
  type GradientTransformation,
  identity,
  type Leaf,
  nonNegative,
  orSchedule,
  positive,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  clipByBlockRms,
  type EmaState,
  type Mask,
  type ScaleByFactoredRmsState,
  type ScaleByScheduleState,
  scale,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleByParamBlockRms
} from '@gradchain/transforms'
import { keptAverage } from './internal/average.js'

/** Options of {@link adafactor}. */
export interface AdafactorOptions<P = Tree<Leaf>, M = never> {
  /** Arrays whose two longest axes are both at least this long are factored, a whole number ≥ 1. @defaultValue `128` */
  readonly minDimSizeToFactor?: number
  /** The exponent c with which the decay rate nears 1, finite and ≥ 0. @defaultValue `0.8` */
  readonly decayRate?: number
  /** The step that counts as the first one for the decay rate, finite. @defaultValue `0` */
  readonly decayOffset?: number
  /** Whether updates are scaled by the root mean square of their params. @defaultValue `true` */
  readonly multiplyByParameterScale?: boolean
  /** The largest root mean square d of an array of updates, finite and > 0; `null` for none. @defaultValue `1` */
  readonly clippingThreshold?: number | null
  /** Decay rate of an average of the updates, in `[0, 1)`; without it there is none. @defaultValue `undefined` */
  readonly momentum?: number | undefined
  /** The dtype in which that average is kept; by default that of the params, float32 where they are 16-bit. */
  readonly dtypeMomentum?: DType | undefined
  /** The dtype in which the mean squares are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
  /** Share λ of the params that is taken off at each step, not times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecayRate?: ScalarOrSchedule
  /** Added to each square of a gradient, finite and ≥ 0. @defaultValue `1e-30` */
  readonly eps?: number
  /** Whether large matrices are factored at all. @defaultValue `true` */
  readonly factored?: boolean
  /** Which leaves decay; Adafactor runs on all of them. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
}

/** State of {@link adafactor}. Without momentum its average is `null`, an empty tree. */
export type AdafactorState = readonly [
  ScaleByFactoredRmsState,
  EmptyState,
  ScaleByScheduleState,
  EmptyState,
  EmaState,
  AddDecayedWeightsState,
  EmptyState
]

/**
 * Adafactor: adaptive steps relative to the size of the params, with a state that is small beside them.
 *
 *     chain(
 *       scaleByFactoredRms({ factored, decayRate, stepOffset: decayOffset, minDimSizeToFactor, epsilon: eps, accumulatorDtype }),
 *       clipByBlockRms(clippingThreshold),                               // the identity when it is null
 *       scaleByLearningRate(learningRate, { flipSign: false }),
 *       scaleByParamBlockRms(),                                          // the identity unless multiplyByParameterScale
 *       ema(momentum, { debias: false, accumulatorDtype: dtypeMomentum }), // the identity without momentum
 *       addDecayedWeights(weightDecayRate, { mask: weightDecayMask }),
 *       scale(-1)
 *     )
 *
 * For each leaf, the update x of `scaleByFactoredRms`, the params p and the learning rate α, at step t = 0, 1, 2, …, and without
 * momentum:
 *
 *     uₜ = −(α(t) · max(rms(p), 1e-3) · x / max(1, rms(x) / d) + λ(t) p)
 *
 * The weight decay is not multiplied by the learning rate. The state has one type whatever the options.
 *
 * Laws: each leaf is treated as if it were alone; odd in gradient and params together; a number is its constant schedule; the
 * relative step rms(u) / rms(p) is at most α d, for params not tiny and without weight decay.
 *
 * PyTorch's Adafactor caps the learning rate and factors every matrix:
 * `adafactor((t) => Math.min(learningRate, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1 })`. Unlike Optax, whose average is
 * float32 by default, ours is in the dtype of the params unless they are 16-bit.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1` by default.
 *
 * @example
 * const tx = adafactor(0.5)
 * const params = { w: new Float32Array([4, -4]) }
 * const [next] = step(tx, { w: new Float32Array([100, -2]) }, tx.init(params), params)
 * next // => { w: Float32Array [2, -2] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Shazeer and Stern (2018), Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, algorithms 4 and 5,
 * {@link https://arxiv.org/abs/1804.04235}
 */
export const adafactor = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: AdafactorOptions<P, M> = {}
): GradientTransformation<AdafactorState> => {
  const chosen = withDefaults<Required<AdafactorOptions<P, M>>>('adafactor', options, {
    minDimSizeToFactor: 128,
    decayRate: 0.8,
    decayOffset: 0,
    multiplyByParameterScale: true,
    clippingThreshold: 1,
    momentum: undefined,
    dtypeMomentum: undefined,
    accumulatorDtype: undefined,
    weightDecayRate: 0,
    eps: 1e-30,
    factored: true,
    weightDecayMask: true
  })
  const { minDimSizeToFactor, decayRate, decayOffset, eps, factored, accumulatorDtype } = chosen
  const { multiplyByParameterScale, clippingThreshold, weightDecayRate, weightDecayMask } = chosen
  check('adafactor', { multiplyByParameterScale }, boolean)
  check('adafactor', { decayOffset }, finite)
  if (clippingThreshold !== null) check('adafactor', { clippingThreshold }, positive)
  check('adafactor', { weightDecayRate }, orSchedule(nonNegative))

  return withOrigin(
    ['adafactor', learningRate, { ...options }],
    chain(
      scaleByFactoredRms({
        factored,
        decayRate,
        stepOffset: decayOffset,
        minDimSizeToFactor,
        epsilon: eps,
        accumulatorDtype
      }),
      clippingThreshold === null ? identity() : clipByBlockRms(clippingThreshold),
      scaleByLearningRate(learningRate, { flipSign: false }),
      multiplyByParameterScale ? scaleByParamBlockRms() : identity(),
      keptAverage('adafactor', chosen.momentum, { debias: false, accumulatorDtype: chosen.dtypeMomentum }),
      addDecayedWeights(weightDecayRate, { mask: weightDecayMask }),
      scale(-1)
    )
  )
}
