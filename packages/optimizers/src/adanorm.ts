import {
  chain,
  check,
  type GradientTransformation,
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
  type ScaleByAdanormOptions,
  type ScaleByAdanormState,
  type ScaleByScheduleState,
  scaleByAdanorm,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adanorm}: those of `scaleByAdanorm`, and the weight decay. */
export interface AdanormOptions<P = Tree<Leaf>, M = never> extends ScaleByAdanormOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; AdaNorm runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adanorm}. */
export type AdanormState = readonly [ScaleByAdanormState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * AdaNorm: Adam whose momentum gives no gradient less length than gradients have had on average, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAdanorm({ b1, b2, gamma, eps, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the update â of `scaleByAdanorm`, the param p and the learning rate α, at step t = 1, 2, …:
 *
 *     uₜ = −α(t − 1) (â + λ(t − 1) p)
 *
 * Laws: with weightDecay 0 odd in the gradient; with γ = 0 it is {@link adamw}; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adanorm(0.5, { weightDecay: 0.5, eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Dubey, Singh and Chaudhuri (2022), AdaNorm: Adaptive Gradient Norm Correction based Optimizer for CNNs, algorithm 2,
 * {@link https://arxiv.org/abs/2210.06364}
 */
export const adanorm = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdanormOptions<P, M> = {}
): GradientTransformation<AdanormState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdanormOptions<P, M>>>('adanorm', options, {
    b1: 0.9,
    b2: 0.999,
    gamma: 0.95,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('adanorm', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adanorm', learningRate, { ...options }],
    chain(scaleByAdanorm(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
