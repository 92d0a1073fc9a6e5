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
  type ScaleByAvagradOptions,
  type ScaleByAvagradState,
  type ScaleByScheduleState,
  scaleByAvagrad,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link avagrad}: those of `scaleByAvagrad`, and the weight decay. */
export interface AvagradOptions<P = Tree<Leaf>, M = never> extends ScaleByAvagradOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; AvaGrad runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link avagrad}. */
export type AvagradState = readonly [ScaleByAvagradState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * AvaGrad: Adam whose step sizes together have the size 1, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAvagrad({ b1, b2, eps, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     ηₜ = 1 / (√vₜ₋₁ + eps)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *     uₜ = −α(t − 1) (ηₜ mₜ / rms(ηₜ) + λ(t − 1) p)
 *
 * The learning rate is that of gradient descent; a small eps adapts as Adam does, a large one not at all.
 *
 * Laws: with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = avagrad(0.5, { b1: 0.5, weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Savarese et al. (2019), Domain-independent Dominance of Adaptive Methods, algorithm 2,
 * {@link https://arxiv.org/abs/1912.01823}
 */
export const avagrad = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AvagradOptions<P, M> = {}
): GradientTransformation<AvagradState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AvagradOptions<P, M>>>('avagrad', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 0.1,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('avagrad', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['avagrad', learningRate, { ...options }],
    chain(scaleByAvagrad(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
