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
  type ScaleByMadgradOptions,
  type ScaleByMadgradState,
  scaleByMadgrad
} from '@gradchain/transforms'

/** Options of {@link madgrad}: those of `scaleByMadgrad`, and a weight decay. */
export interface MadgradOptions<P = Tree<Leaf>, M = never> extends ScaleByMadgradOptions {
  /** Share of the params that is added to the gradient, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link madgrad}. */
export type MadgradState = readonly [AddDecayedWeightsState, ScaleByMadgradState]

/**
 * MADGRAD: dual averaging with a cubic root, and momentum.
 *
 *     chain(addDecayedWeights(weightDecay, { mask }), scaleByMadgrad(learningRate, { momentum, eps }))
 *
 * For the gradient g and the param p at step t = 0, 1, 2, …, with h = g + weightDecay · p and c = momentum, from q = s = 0:
 *
 *     λ = (α(t) + eps) √(t + 1)
 *     q ← q + λ h²
 *     s ← s + λ h
 *     u = (1 − c) (p₀ − s / (∛q + eps) − p)
 *
 * The weight decay is that of the loss, L2, not a decoupled one; the authors advise to make it small, or 0.
 *
 * Laws: elementwise; odd in gradients and params together; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = madgrad(1, { momentum: 0.5, eps: 0 })
 * const params = { w: [3, 3] }
 * step(tx, { w: [8, -1] }, tx.init(params), params)[0] // => { w: [1.999…, 3.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Defazio and Jelassi (2021), Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient Method for
 * Stochastic Optimization, algorithm 1, {@link https://arxiv.org/abs/2101.11075}
 */
export const madgrad = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: MadgradOptions<P, M> = {}
): GradientTransformation<MadgradState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<MadgradOptions<P, M>>>('madgrad', options, {
    momentum: 0.9,
    eps: 1e-6,
    weightDecay: 0,
    mask: true
  })
  check('madgrad', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['madgrad', learningRate, { ...options }],
    chain(addDecayedWeights(weightDecay, { mask }), scaleByMadgrad(learningRate, rest))
  )
}
