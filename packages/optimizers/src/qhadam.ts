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
  type ScaleByQhadamOptions,
  type ScaleByQhadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByQhadam
} from '@gradchain/transforms'

/** Options of {@link qhadam}: those of `scaleByQhadam`, and the weight decay. */
export interface QhadamOptions<P = Tree<Leaf>, M = never> extends ScaleByQhadamOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; QHAdam runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link qhadam}. */
export type QhadamState = readonly [ScaleByQhadamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * QHAdam: Adam whose moments stand beside the gradient at hand, with decoupled weight decay.
 *
 *     chain(
 *       scaleByQhadam({ b1, b2, nu1, nu2, eps, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) (((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + eps) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; with nu1 = nu2 = 1 it is {@link adamw}; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = qhadam(0.5, { eps: 0, weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Ma and Yarats (2018), Quasi-hyperbolic momentum and Adam for deep learning, algorithm 2,
 * {@link https://arxiv.org/abs/1810.06801}
 */
export const qhadam = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: QhadamOptions<P, M> = {}
): GradientTransformation<QhadamState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<QhadamOptions<P, M>>>('qhadam', options, {
    b1: 0.995,
    b2: 0.999,
    nu1: 0.7,
    nu2: 1,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('qhadam', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['qhadam', learningRate, { ...options }],
    chain(scaleByQhadam(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
