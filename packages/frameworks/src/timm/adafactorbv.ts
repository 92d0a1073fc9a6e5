import {
  boolean,
  chain,
  check,
  type DType,
  type EmptyState,
  type GradientTransformation,
  identity,
  inPositiveUnitInterval,
  inUnitInterval,
  nonNegative,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  clipByBlockRms,
  type EmaState,
  type ScaleByFactoredRmsState,
  type ScaleByScheduleState,
  scaleByFactoredRms,
  scaleByLearningRate
} from '@gradchain/transforms'
import { keptMean } from '../internal/keptMean.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link adafactorbv}. */
export interface AdafactorbvOptions extends CautionOptions {
  /** Matrices are factored with at least as many rows and columns, a whole number ≥ 1. @defaultValue `16` */
  readonly minDimSizeToFactor?: number
  /** The exponent with which the decay rate nears 1, finite and ≥ 0. @defaultValue `0.8` */
  readonly decayRate?: number
  /** The largest decay rate, in `(0, 1]`. @defaultValue `0.999` */
  readonly beta2Cap?: number
  /** Decay rate of a mean of directions, in `[0, 1)`; `null` for none. @defaultValue `0.9` */
  readonly momentum?: number | null
  /** The dtype in which that mean is kept. @defaultValue that of the params, float32 where they are 16-bit */
  readonly momentumDtype?: DType | undefined
  /** Added to each square of a gradient, finite and ≥ 0. @defaultValue `1e-30` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** The largest root mean square of an array of directions, finite and > 0; `null` for none. @defaultValue `null` */
  readonly clippingThreshold?: number | null
  /** Whether the decay is all of λ, and not times the learning rate. @defaultValue `false` */
  readonly unscaledWd?: boolean
}

/** State of {@link adafactorbv}; without momentum its mean is `null`. */
export type AdafactorbvState = readonly [
  readonly [ScaleByFactoredRmsState, EmptyState, EmaState],
  AddDecayedWeightsState,
  ScaleByScheduleState,
  AddDecayedWeightsState
]

/**
 * timm's `AdafactorBigVision`, `adafactorbv` of its factory.
 *
 *     chain(
 *       scaleByFactoredRms({ decayRateFn: (t, c) => Math.min(beta2Cap, 1 - (t + 1) ** -c), minDimSizeToFactor, epsilon: eps }),
 *       ema(momentum, { debias: false }),
 *       addDecayedWeights(weightDecay),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * The learning rate is 1 by default, and nothing is in proportion to the size of the params: it is to be given. timm keeps the mean in bfloat16
 * by default, and steps by what that leaves: its updates are off in their third digit. Here it has the dtype of the params unless it is told one,
 * and the step is made before it is rounded. timm's `clipping_threshold` τ divides by min(1, τ rms), by which it lengthens what is short and makes 0
 * NaN; this one bounds what is long. Without momentum caution does nothing. The factory leaves `betas` out in silence.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1` by default.
 *
 * @example
 * const tx = timm.adafactorbv(0.5, { momentum: null })
 * const params = { w: new Float32Array([1, -1]) }
 * step(tx, { w: new Float32Array([3, 4]) }, tx.init(params), params)[0] // => { w: Float32Array [0.5, -1.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adafactorbv = (
  learningRate: ScalarOrSchedule = 1,
  options: AdafactorbvOptions = {}
): GradientTransformation<AdafactorbvState> => {
  const owner = 'timm.adafactorbv'
  const chosen = withDefaults<Required<AdafactorbvOptions>>(owner, options, {
    minDimSizeToFactor: 16,
    decayRate: 0.8,
    beta2Cap: 0.999,
    momentum: 0.9,
    momentumDtype: undefined,
    eps: 1e-30,
    weightDecay: 0,
    clippingThreshold: null,
    unscaledWd: false,
    caution: false
  })
  const { minDimSizeToFactor, decayRate, beta2Cap, momentum, momentumDtype } = chosen
  const { eps, weightDecay, clippingThreshold, unscaledWd, caution } = chosen
  check(owner, { weightDecay }, orSchedule(nonNegative))
  check(owner, { decayRate }, nonNegative)
  check(owner, { unscaledWd, caution }, boolean)
  check(owner, { beta2Cap }, inPositiveUnitInterval)
  if (momentum !== null) check(owner, { momentum }, inUnitInterval)
  const direction = chain(
    scaleByFactoredRms({
      decayRate,
      decayRateFn: (step, power) => Math.min(beta2Cap, 1 - pow(step + 1, -power)),
      minDimSizeToFactor,
      epsilon: eps
    }),
    clippingThreshold === null ? identity() : clipByBlockRms(clippingThreshold),
    keptMean(owner, momentum ?? undefined, momentumDtype)
  )
  return withOrigin(
    ['timm.adafactorbv', learningRate, { ...options }],
    chain(
      heeding(owner, caution && momentum !== null, direction),
      addDecayedWeights(unscaledWd ? 0 : weightDecay),
      scaleByLearningRate(learningRate),
      addDecayedWeights(unscaledWd ? mulSchedules(-1, weightDecay) : 0)
    )
  )
}
