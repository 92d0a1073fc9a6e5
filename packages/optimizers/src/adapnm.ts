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
  type ScaleByAdapnmOptions,
  type ScaleByAdapnmState,
  type ScaleByScheduleState,
  scaleByAdapnm,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adapnm}: those of `scaleByAdapnm`, and the weight decay. */
export interface AdapnmOptions<P = Tree<Leaf>, M = never> extends ScaleByAdapnmOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; AdaPNM runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adapnm}. */
export type AdapnmState = readonly [ScaleByAdapnmState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * AdaPNM: positive-negative momentum over the largest magnitude so far, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAdapnm({ b0, b1, b2, eps, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₋₁ = m₀ = v₀ = V₀ = 0:
 *
 *     mₜ = β₁² mₜ₋₂ + (1 − β₁²) g          m̂ = ((1 + β₀) mₜ − β₀ mₜ₋₁) / √((1 + β₀)² + β₀²) / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²           Vₜ = max(Vₜ₋₁, vₜ)
 *     uₜ = −α(t − 1) (m̂ / (√(Vₜ / (1 − β₂ᵗ)) + eps) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adapnm(0.5, { b0: 0, b1: 0, b2: 0, eps: 0, weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Xie et al. (2021), Positive-Negative Momentum: Manipulating Stochastic Gradient Noise to Improve Generalization, algorithm
 * 3, {@link https://arxiv.org/abs/2103.17182}
 */
export const adapnm = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdapnmOptions<P, M> = {}
): GradientTransformation<AdapnmState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdapnmOptions<P, M>>>('adapnm', options, {
    b0: 1,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('adapnm', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adapnm', learningRate, { ...options }],
    chain(scaleByAdapnm(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
