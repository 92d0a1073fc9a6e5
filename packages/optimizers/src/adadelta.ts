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
  type ScaleByAdadeltaOptions,
  type ScaleByAdadeltaState,
  type ScaleByScheduleState,
  scaleByAdadelta,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adadelta}: those of `scaleByAdadelta`, and the weight decay. */
export interface AdadeltaOptions<P = Tree<Leaf>, M = never> extends ScaleByAdadeltaOptions {
  /** Share λ of the params that is added to the gradient before anything else, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Adadelta runs on all of them. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
}

/** State of {@link adadelta}. */
export type AdadeltaState = readonly [AddDecayedWeightsState, ScaleByAdadeltaState, ScaleByScheduleState]

/**
 * Adadelta: steps of the size that steps have had; it can do without a learning rate.
 *
 *     chain(
 *       addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *       scaleByAdadelta({ rho, eps, accumulatorDtype }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient ∇ at step t = 1, 2, …, the param p and the learning rate α, from E[g²]₀ = E[x²]₀ = 0:
 *
 *     g = ∇ + λ(t − 1) p
 *     E[g²]ₜ = ρ E[g²]ₜ₋₁ + (1 − ρ) g²
 *     x = √(E[x²]ₜ₋₁ + eps) / √(E[g²]ₜ + eps) · g        E[x²]ₜ = ρ E[x²]ₜ₋₁ + (1 − ρ) x²
 *     uₜ = −α(t − 1) x
 *
 * The weight decay comes first: it is the gradient of a penalty λ p² / 2, not a decoupled one.
 *
 * Laws: elementwise; odd in gradient and param together; a number is its constant schedule.
 *
 * Unlike Optax, which without a learning rate leaves the minus sign out and ascends, it descends: the default is 1.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1` by default.
 *
 * @example
 * const tx = adadelta(0.5, { rho: 0.75, eps: 4 })
 * const params = { w: 4 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 2.585… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, algorithm 1, {@link https://arxiv.org/abs/1212.5701}
 */
export const adadelta = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: AdadeltaOptions<P, M> = {}
): GradientTransformation<AdadeltaState> => {
  const { weightDecay, weightDecayMask, ...rest } = withDefaults<Required<AdadeltaOptions<P, M>>>('adadelta', options, {
    rho: 0.9,
    eps: 1e-6,
    accumulatorDtype: undefined,
    weightDecay: 0,
    weightDecayMask: true
  })
  check('adadelta', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adadelta', learningRate, { ...options }],
    chain(
      addDecayedWeights(weightDecay, { mask: weightDecayMask }),
      scaleByAdadelta(rest),
      scaleByLearningRate(learningRate)
    )
  )
}
