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
  type ScaleByAdemamixOptions,
  type ScaleByAdemamixState,
  type ScaleByScheduleState,
  scaleByAdemamix,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link ademamix}: those of `scaleByAdemamix`, and the weight decay. */
export interface AdemamixOptions<P = Tree<Leaf>, M = never> extends ScaleByAdemamixOptions {
  /** Weight α of the slow mean, any finite number, or a schedule; the paper lets it grow from 0. @defaultValue `5` */
  readonly alpha?: ScalarOrSchedule
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; AdEMAMix runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link ademamix}. */
export type AdemamixState = readonly [ScaleByAdemamixState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * AdEMAMix: Adam with a second, slow mean of the gradients, and decoupled weight decay.
 *
 *     chain(
 *       scaleByAdemamix({ b1, b2, b3, alpha, eps, epsRoot, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p, the learning rate η and the weight α of the slow mean, from
 * a₀ = b₀ = v₀ = 0:
 *
 *     aₜ = β₁ aₜ₋₁ + (1 − β₁) g              â = aₜ / (1 − β₁ᵗ)
 *     bₜ = β₃ bₜ₋₁ + (1 − β₃) g
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²             v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −η(t − 1) ((â + α bₜ) / (√(v̂ + epsRoot) + eps) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; with alpha 0 it is {@link adamw}; a number is its constant schedule.
 *
 * As in Optax the default weight α is 5, where that of `scaleByAdemamix` is 6.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = ademamix(0.5, { b3: 0.75, alpha: 2, eps: 0 })
 * const params = { w: [8, 8] }
 * step(tx, { w: [-3, 4] }, tx.init(params), params)[0] // => { w: [8.75, 7.25] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Pagliardini, Ablin and Grangier (2024), The AdEMAMix Optimizer: Better, Faster, Older, algorithm 1,
 * {@link https://arxiv.org/abs/2409.03137}
 * @see simplifiedAdemamix
 */
export const ademamix = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdemamixOptions<P, M> = {}
): GradientTransformation<AdemamixState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdemamixOptions<P, M>>>('ademamix', options, {
    b1: 0.9,
    b2: 0.999,
    b3: 0.9999,
    alpha: 5,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('ademamix', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['ademamix', learningRate, { ...options }],
    chain(scaleByAdemamix(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
