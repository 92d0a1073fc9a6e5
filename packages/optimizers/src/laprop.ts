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
  type ScaleByLapropOptions,
  type ScaleByLapropState,
  type ScaleByScheduleState,
  scaleByLaprop,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link laprop}: those of `scaleByLaprop`, and the weight decay. */
export interface LapropOptions<P = Tree<Leaf>, M = never> extends ScaleByLapropOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; LaProp runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link laprop}. */
export type LapropState = readonly [ScaleByLapropState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * LaProp: Adam that divides each gradient first and averages afterwards, with decoupled weight decay.
 *
 *     chain(
 *       scaleByLaprop({ b1, b2, eps, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = 0:
 *
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                         v̂ = vₜ / (1 − β₂ᵗ)
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g / (√v̂ + eps)
 *     uₜ = −α(t − 1) (mₜ / (1 − β₁ᵗ) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * timm averages the steps after they were multiplied by the learning rate, which differs while that changes.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = laprop(0.5, { weightDecay: 0.5, eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Ziyin, Wang and Ueda (2020), LaProp: Separating Momentum and Adaptivity in Adam, algorithm 1,
 * {@link https://arxiv.org/abs/2002.04839}
 */
export const laprop = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: LapropOptions<P, M> = {}
): GradientTransformation<LapropState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<LapropOptions<P, M>>>('laprop', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-15,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('laprop', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['laprop', learningRate, { ...options }],
    chain(scaleByLaprop(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
