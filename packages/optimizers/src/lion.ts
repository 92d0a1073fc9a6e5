import {
  chain,
  check,
  type DType,
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
  type ScaleByLionState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByLion
} from '@gradchain/transforms'

/** Options of {@link lion}. */
export interface LionOptions<P = Tree<Leaf>, M = never> {
  /** Share β₁ of the momentum in the update, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the momentum, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `1e-3` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Lion runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link lion}. */
export type LionState = readonly [ScaleByLionState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Lion: steps of exactly the learning rate, in the direction of the sign of a momentum, with decoupled weight decay.
 *
 *     chain(
 *       scaleByLion({ b1, b2, muDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = 0:
 *
 *     uₜ = −α(t − 1) (sign(β₁ mₜ₋₁ + (1 − β₁) g) + λ(t − 1) p)
 *     mₜ = β₂ mₜ₋₁ + (1 − β₂) g
 *
 * Every element moves by α, so that a good learning rate is 3 to 10 times smaller than Adam's, and a good weight decay as
 * many times larger.
 *
 * Laws: elementwise; blind to the scale of the gradient; |u| = α where c ≠ 0 and without weight decay; a number is its
 * constant schedule.
 *
 * The default λ = 1e-3 is Optax's; the paper has none.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = lion(0.5, { weightDecay: 0.5 })
 * const params = { w: [8, 0] }
 * step(tx, { w: [0.01, -30] }, tx.init(params), params)[0] // => { w: [5.5, 0.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Chen et al. (2023), Symbolic Discovery of Optimization Algorithms, algorithm 2, {@link https://arxiv.org/abs/2302.06675}
 */
export const lion = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: LionOptions<P, M> = {}
): GradientTransformation<LionState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<LionOptions<P, M>>>('lion', options, {
    b1: 0.9,
    b2: 0.99,
    muDtype: undefined,
    weightDecay: 1e-3,
    mask: true
  })
  check('lion', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['lion', learningRate, { ...options }],
    chain(scaleByLion(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
