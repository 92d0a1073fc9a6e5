import {
  chain,
  check,
  type DType,
  type EmptyState,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  optional,
  orSchedule,
  positiveInteger,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type ScalarOrSchedule, wsdSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  adaptiveGradClip,
  addDecayedWeights,
  centralize,
  type LookaheadState,
  lookahead,
  type Mask,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link ranger21}. */
export interface Ranger21Options<P = Tree<Leaf>, M = never> {
  /** How many steps there are going to be, a whole number ≥ 1; without it the learning rate is as it is given. */
  readonly numSteps?: number | undefined
  /** The learning rate at the end of these steps, finite and ≥ 0. @defaultValue `3e-5` */
  readonly minLearningRate?: number
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added to the root of the second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** The largest length of a gradient in units of that of its params, finite and > 0. @defaultValue `0.01` */
  readonly clipping?: number
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `1e-4` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
  /** How many fast steps there are to a slow one, a whole number ≥ 1. @defaultValue `5` */
  readonly syncPeriod?: number
  /** Share of the way that the slow params go towards the fast ones, in `[0, 1]`. @defaultValue `0.5` */
  readonly slowStepSize?: number
}

/** State of {@link ranger21}. */
export type Ranger21State = LookaheadState<
  readonly [EmptyState, EmptyState, ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]
>

/**
 * What of Ranger21 is a chain: AdamW of clipped and centralized gradients, with Lookahead, warmed up and, at last, cooled down.
 *
 *     lookahead(
 *       chain(
 *         adaptiveGradClip(clipping),
 *         centralize(),
 *         scaleByAdam({ b1, b2, eps, muDtype, nuDtype }),
 *         addDecayedWeights(weightDecay, { mask }),
 *         scaleByLearningRate(
 *           wsdSchedule({ peakValue: learningRate, warmupSteps, stableSteps, decaySteps, warmupOffset: 1, endValue: minLearningRate })
 *         )
 *       ),
 *       { syncPeriod, slowStepSize }
 *     )
 *
 * With T = numSteps the warmup takes W = ⌈2 / (1 − β₂)⌉ steps, ⌊0.22 T⌋ where that were more than 0.45 T, and the learning rate falls
 * from ⌊0.72 T⌋ on, or from W where that is later, along a straight line. Without numSteps it is the learning rate that was given.
 *
 * In the paper there is more: a momentum of positive and negative parts, gradients over their standard deviation, a softplus of the
 * denominator, a weight decay in units of all second moments, a loss of norms. They are not in.
 *
 * Laws: it is its chain; without numSteps a number is its constant schedule.
 *
 * @param learningRate - the largest one, a finite number ≥ 0; without numSteps a schedule, too.
 *
 * @example
 * const tx = ranger21(0.5, { numSteps: 100, clipping: 10, eps: 0, weightDecay: 0 })
 * const params = { w: new Float64Array([4, -4]) }
 * // The first of 22 steps of warmup.
 * step(tx, { w: new Float64Array([2, -2]) }, tx.init(params), params)[0].w[0]?.toFixed(4) // => '3.9773'
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Wright and Demeure (2021), Ranger21: a synergistic deep learning optimizer, {@link https://arxiv.org/abs/2106.13731}
 * @see ranger
 */
export const ranger21 = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: Ranger21Options<P, M> = {}
): GradientTransformation<Ranger21State> => {
  const chosen = withDefaults<Required<Ranger21Options<P, M>>>('ranger21', options, {
    numSteps: undefined,
    minLearningRate: 3e-5,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    clipping: 0.01,
    weightDecay: 1e-4,
    mask: true,
    syncPeriod: 5,
    slowStepSize: 0.5
  })
  const { numSteps, minLearningRate, clipping, weightDecay, mask, syncPeriod, slowStepSize, ...rest } = chosen
  check('ranger21', { numSteps }, optional(positiveInteger))
  check('ranger21', { minLearningRate }, nonNegative)
  check('ranger21', { weightDecay }, orSchedule(nonNegative))
  if (numSteps !== undefined) check('ranger21', { learningRate }, nonNegative)

  const adam = scaleByAdam(rest)
  const rate =
    numSteps === undefined ? learningRate : upAndDown(learningRate as number, numSteps, rest.b2, minLearningRate)
  return withOrigin(
    ['ranger21', learningRate, { ...options }],
    lookahead(
      chain(
        adaptiveGradClip(clipping),
        centralize(),
        adam,
        addDecayedWeights(weightDecay, { mask }),
        scaleByLearningRate(rate)
      ),
      { syncPeriod, slowStepSize }
    )
  )
}

/** Up while the second moment fills, straight down over the last 28 of a hundred steps. */
const upAndDown = (peakValue: number, numSteps: number, b2: number, endValue: number) => {
  const untuned = Math.ceil(2 / (1 - b2))
  const warmupSteps = untuned > 0.45 * numSteps ? Math.floor(0.22 * numSteps) : untuned
  const stableSteps = Math.max(0, Math.floor(0.72 * numSteps) - warmupSteps)
  const decaySteps = numSteps - warmupSteps - stableSteps
  return wsdSchedule({ peakValue, warmupSteps, stableSteps, decaySteps, warmupOffset: 1, endValue })
}
