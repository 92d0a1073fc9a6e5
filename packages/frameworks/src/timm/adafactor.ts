import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  identity,
  inUnitInterval,
  nonNegative,
  optional,
  positiveInteger,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  clipByBlockRms,
  type EmaState,
  type ScaleByFactoredRmsState,
  type ScaleByScheduleState,
  scale,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleByParamBlockRms
} from '@gradchain/transforms'
import { type DecayBySizeState, decayBySize } from '../internal/decayBySize.js'
import { keptMean } from '../internal/keptMean.js'
import { rateOf } from '../internal/rateOf.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link adafactor}. */
export interface AdafactorOptions extends CautionOptions {
  /** Added to each square of a gradient, finite and ≥ 0. @defaultValue `1e-30` */
  readonly eps?: number
  /** The least scale of the params, finite and ≥ 0. @defaultValue `1e-3` */
  readonly epsScale?: number
  /** The largest root mean square of an array of updates, finite and > 0. @defaultValue `1` */
  readonly clipThreshold?: number
  /** The exponent with which the decay rate nears 1, finite and ≤ 0. @defaultValue `-0.8` */
  readonly decayRate?: number
  /** Decay rate β₁ of a mean of steps, in `[0, 1)`, the first of timm's `betas`; without it there is none. @defaultValue `undefined` */
  readonly beta1?: number | undefined
  /** Share λ of the params that is taken off at each step, times the learning rate as it is then; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the learning rate that it finds itself is times the root mean square of the params. @defaultValue `true` */
  readonly scaleParameter?: boolean
  /** Whether the 0.01 of the learning rate that it finds itself is 1e-6 · t. @defaultValue `false` */
  readonly warmupInit?: boolean
  /** Matrices are factored with more rows and more columns than this, a whole number ≥ 1. @defaultValue `16` */
  readonly minDimSizeToFactor?: number
}

/** State of {@link adafactor}; without `beta1` its mean is `null`. */
export type AdafactorState = readonly [
  readonly [ScaleByFactoredRmsState, EmptyState, EmptyState, ScaleByScheduleState, EmaState],
  EmptyState,
  DecayBySizeState
]

/**
 * timm's `Adafactor`.
 *
 *     chain(
 *       scaleByFactoredRms({ decayRate: -decayRate, epsilon: eps, minDimSizeToFactor: minDimSizeToFactor + 1 }),
 *       clipByBlockRms(clipThreshold),
 *       scaleByParamBlockRms({ minScale: epsScale }),                             // only without a learning rate
 *       scaleByLearningRate((t) => Math.min(0.01, 1 / Math.sqrt(t + 1))),         // or the learning rate
 *       ema(beta1, { debias: false })                                             // where beta1 is given
 *     )
 *
 * Once a learning rate is given, `scaleParameter` is ignored: that of transformers still counts there. A matrix is factored only with more than 16 rows
 * and columns; of an array with more axes timm takes the first two, where both are long enough, or the last two, this the two longest. Without
 * `beta1` caution does nothing. The factory leaves `betas` out in silence. A decay is in proportion to the learning rate as it is then, with the size of the
 * params in it, and acts before the step.
 *
 * @param learningRate - a finite number > 0, or a schedule; none by default, and one that it finds itself.
 *
 * @example
 * const tx = timm.adafactor()
 * const params = { w: new Float32Array([1, -1]) }
 * step(tx, { w: new Float32Array([3, 3]) }, tx.init(params), params)[0] // => { w: Float32Array [0.9900…, -1.0099…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for `warmupInit` with a learning rate; one of a part in
 * the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adafactor = (
  learningRate?: ScalarOrSchedule,
  options: AdafactorOptions = {}
): GradientTransformation<AdafactorState> => {
  const owner = 'timm.adafactor'
  const chosen = withDefaults<Required<AdafactorOptions>>(owner, options, {
    eps: 1e-30,
    epsScale: 1e-3,
    clipThreshold: 1,
    decayRate: -0.8,
    beta1: undefined,
    weightDecay: 0,
    scaleParameter: true,
    warmupInit: false,
    minDimSizeToFactor: 16,
    caution: false
  })
  const { eps, epsScale, clipThreshold, decayRate, beta1, weightDecay, caution } = chosen
  const { scaleParameter, warmupInit, minDimSizeToFactor } = chosen
  check(owner, { scaleParameter, warmupInit, caution }, boolean)
  check(owner, { weightDecay, epsScale }, nonNegative)
  check(owner, { minDimSizeToFactor }, positiveInteger)
  check(owner, { beta1 }, optional(inUnitInterval))
  if (warmupInit && learningRate !== undefined) {
    throw new InvalidOption(`${owner}: warmupInit must be left out with a learning rate`)
  }
  const isScaled = scaleParameter && learningRate === undefined
  const most = (step: number): number => (warmupInit ? 1e-6 * (step + 1) : 1e-2)
  const rate =
    learningRate === undefined ? (step: number) => Math.min(most(step), 1 / Math.sqrt(step + 1)) : rateOf(learningRate)
  const direction = chain(
    scaleByFactoredRms({
      decayRate: 0 - decayRate,
      minDimSizeToFactor: minDimSizeToFactor + 1,
      epsilon: eps
    }),
    clipByBlockRms(clipThreshold),
    isScaled ? scaleByParamBlockRms({ minScale: epsScale }) : identity(),
    scaleByLearningRate(rate, { flipSign: false }),
    keptMean(owner, beta1)
  )
  return withOrigin(
    ['timm.adafactor', learningRate, { ...options }],
    chain(
      heeding(owner, caution && beta1 !== undefined, direction),
      scale(-1),
      decayBySize((step) => weightDecay * rate(step), isScaled ? epsScale : null)
    )
  )
}
