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
  type ScaleByAdaiOptions,
  type ScaleByAdaiState,
  type ScaleByScheduleState,
  scaleByAdai,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adai}: those of `scaleByAdai`, and the weight decay. */
export interface AdaiOptions<P = Tree<Leaf>, M = never> extends ScaleByAdaiOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Adai runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adai}. */
export type AdaiState = readonly [ScaleByAdaiState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Adai: gradient descent whose momentum adapts to each element, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAdai({ b0, b2, eps }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * Elementwise, for the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = 0 and π₀ = 1, v̄ being the
 * mean of v over all elements of all leaves:
 *
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *     μₜ = min(max(1 − β₀ vₜ / v̄ₜ, 0), 1 − eps)        πₜ = πₜ₋₁ μₜ
 *     mₜ = μₜ mₜ₋₁ + (1 − μₜ) g
 *     uₜ = −α(t − 1) (mₜ / (1 − πₜ) + λ(t − 1) p)
 *
 * The learning rate is that of plain descent: its authors start at 1, where they have 0.1 for momentum 0.9. What they call AdaiS is this with a weight decay;
 * their Adai adds it to the gradient, `chain(addDecayedWeights(λ), adai(learningRate))`.
 *
 * Laws: with weightDecay 0 odd in the history of gradients and homogeneous in it; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adai(0.5, { weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 4 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Xie et al. (2020), Adaptive Inertia: Disentangling the Effects of Adaptive Learning Rate and Momentum, algorithm 2,
 * {@link https://arxiv.org/abs/2006.15815}
 */
export const adai = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdaiOptions<P, M> = {}
): GradientTransformation<AdaiState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdaiOptions<P, M>>>('adai', options, {
    b0: 0.1,
    b2: 0.99,
    eps: 1e-3,
    weightDecay: 0,
    mask: true
  })
  check('adai', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adai', learningRate, { ...options }],
    chain(scaleByAdai(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
