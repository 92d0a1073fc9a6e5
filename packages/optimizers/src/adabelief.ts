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
  type ScaleByBeliefOptions,
  type ScaleByBeliefState,
  type ScaleByScheduleState,
  scaleByBelief,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adabelief}: those of `scaleByBelief`, and the weight decay. */
export interface AdabeliefOptions<P = Tree<Leaf>, M = never> extends ScaleByBeliefOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; AdaBelief runs on all of them. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
}

/** State of {@link adabelief}. */
export type AdabeliefState = readonly [ScaleByBeliefState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * AdaBelief: large steps where the gradient is as forecast, small ones where it surprises.
 *
 *     chain(
 *       scaleByBelief({ b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, rectify, threshold }),
 *       addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = s₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g                          m̂ = mₜ / (1 − β₁ᵗ)
 *     sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ)² + epsRoot        ŝ = sₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) (m̂ / (√ŝ + eps) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adabelief(0.5, { b1: 0.5, weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.000… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Zhuang et al. (2020), AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, algorithm 2,
 * {@link https://arxiv.org/abs/2010.07468}
 * @see radabelief
 */
export const adabelief = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdabeliefOptions<P, M> = {}
): GradientTransformation<AdabeliefState> => {
  const { weightDecay, weightDecayMask, ...rest } = withDefaults<Required<AdabeliefOptions<P, M>>>(
    'adabelief',
    options,
    {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-16,
      epsRoot: 1e-16,
      muDtype: undefined,
      nuDtype: undefined,
      nesterov: false,
      rectify: false,
      threshold: 5,
      weightDecay: 0,
      weightDecayMask: true
    }
  )
  check('adabelief', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adabelief', learningRate, { ...options }],
    chain(
      scaleByBelief(rest),
      addDecayedWeights(weightDecay, { mask: weightDecayMask }),
      scaleByLearningRate(learningRate)
    )
  )
}
