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
  type ScaleByScheduleState,
  type ScaleBySimplifiedAdemamixOptions,
  type ScaleBySimplifiedAdemamixState,
  scaleByLearningRate,
  scaleBySimplifiedAdemamix
} from '@gradchain/transforms'

/** Options of {@link simplifiedAdemamix}: those of `scaleBySimplifiedAdemamix`, and the weight decay. */
export interface SimplifiedAdemamixOptions<P = Tree<Leaf>, M = never> extends ScaleBySimplifiedAdemamixOptions {
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; the rule runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link simplifiedAdemamix}. */
export type SimplifiedAdemamixState = readonly [
  ScaleBySimplifiedAdemamixState,
  AddDecayedWeightsState,
  ScaleByScheduleState
]

/**
 * Simplified AdEMAMix: a long sum of gradients and the gradient itself, over the root of the mean square, with weight decay.
 *
 *     chain(
 *       scaleBySimplifiedAdemamix({ b1, b2, alpha, eps, epsRoot, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p, the learning rate η and the weight α of the gradient, from m₀ = n₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + g
 *     nₜ = β₂ nₜ₋₁ + (1 − β₂) g²             n̂ = nₜ / (1 − β₂ᵗ)
 *     uₜ = −η(t − 1) ((mₜ + α(t − 1) g) / (√(n̂ + epsRoot) + eps) + λ(t − 1) p)
 *
 * m is a sum, no mean, so that the learning rate is to be about 1 − β₁ times that of Adam.
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = simplifiedAdemamix(0.5, { alpha: 1, eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 7 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Morwani et al. (2025), Connections between Schedule-Free Optimizers, AdEMAMix, and Accelerated SGD Variants, algorithm 1,
 * {@link https://arxiv.org/abs/2502.02431}
 * @see ademamix
 */
export const simplifiedAdemamix = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: SimplifiedAdemamixOptions<P, M> = {}
): GradientTransformation<SimplifiedAdemamixState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<SimplifiedAdemamixOptions<P, M>>>(
    'simplifiedAdemamix',
    options,
    {
      b1: 0.99,
      b2: 0.95,
      alpha: 0,
      eps: 1e-8,
      epsRoot: 0,
      muDtype: undefined,
      nuDtype: undefined,
      weightDecay: 0,
      mask: true
    }
  )
  check('simplifiedAdemamix', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['simplifiedAdemamix', learningRate, { ...options }],
    chain(scaleBySimplifiedAdemamix(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
