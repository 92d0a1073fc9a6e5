import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type Mask,
  type ScaleByInitialSnrState,
  type ScaleByScheduleState,
  scaleByInitialSnr,
  scaleByLearningRate,
  type TraceState,
  trace
} from '@gradchain/transforms'

/** Options of {@link sgdSaI}. */
export interface SgdSaIOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β of the mean of past gradients, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Added to the standard deviation of the first gradient, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; SGD-SaI runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link sgdSaI}. */
export type SgdSaIState = readonly [ScaleByInitialSnrState, TraceState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * SGD-SaI: gradient descent with momentum and one learning rate for each leaf, chosen by the first gradient, with decoupled weight decay.
 *
 *     chain(
 *       scaleByInitialSnr({ eps }),
 *       trace(momentum, { dampening: momentum, accumulatorDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For each leaf of n elements, its gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₁ = g₁:
 *
 *     s = ‖g₁‖ / (σ + eps)                     σ² = Σ (g₁ − mean g₁)² / (n − 1)
 *     mₜ = β mₜ₋₁ + (1 − β) g
 *     uₜ = −α(t − 1) (s mₜ + λ(t − 1) p)
 *
 * Laws: with weightDecay 0 odd in the history of gradients; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = sgdSaI(0.5, { eps: 0, weightDecay: 0.5 })
 * const params = { w: [8, 8] }
 * step(tx, { w: [3, -3] }, tx.init(params), params)[0] // => { w: [4.5, 7.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Xu et al. (2024), No More Adam: Learning Rate Scaling at Initialization is All You Need, algorithm 1,
 * {@link https://arxiv.org/abs/2412.11768}
 */
export const sgdSaI = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: SgdSaIOptions<P, M> = {}
): GradientTransformation<SgdSaIState> => {
  const { momentum, eps, accumulatorDtype, weightDecay, mask } = withDefaults<Required<SgdSaIOptions<P, M>>>(
    'sgdSaI',
    options,
    { momentum: 0.9, eps: 1e-8, accumulatorDtype: undefined, weightDecay: 0.01, mask: true }
  )
  check('sgdSaI', { momentum }, inUnitInterval)
  check('sgdSaI', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['sgdSaI', learningRate, { ...options }],
    chain(
      scaleByInitialSnr({ eps }),
      trace(momentum, { dampening: momentum, accumulatorDtype }),
      addDecayedWeights(weightDecay, { mask }),
      scaleByLearningRate(learningRate)
    )
  )
}
