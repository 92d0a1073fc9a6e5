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
  type ScaleByAdamAtan2Options,
  type ScaleByAdamAtan2State,
  type ScaleByScheduleState,
  scaleByAdamAtan2,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adamAtan2}: those of `scaleByAdamAtan2`, and the weight decay. */
export interface AdamAtan2Options<P = Tree<Leaf>, M = never> extends ScaleByAdamAtan2Options {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Adam-atan2 runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adamAtan2}. */
export type AdamAtan2State = readonly [ScaleByAdamAtan2State, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Adam-atan2: Adam without an ε, by the angle of its two moments, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAdamAtan2({ b1, b2, a, b, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) (a atan2(m̂, b √v̂) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient, blind to its scale and |u| ≤ α a π/2; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamAtan2(0.5, { a: 4 / Math.PI, weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Everett et al. (2024), Scaling Exponents Across Parameterizations and Optimizers, {@link https://arxiv.org/abs/2407.05872}
 */
export const adamAtan2 = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdamAtan2Options<P, M> = {}
): GradientTransformation<AdamAtan2State> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdamAtan2Options<P, M>>>('adamAtan2', options, {
    b1: 0.9,
    b2: 0.999,
    a: 1,
    b: 1,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('adamAtan2', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adamAtan2', learningRate, { ...options }],
    chain(scaleByAdamAtan2(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
