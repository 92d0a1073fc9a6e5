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
  type ScaleByAdanOptions,
  type ScaleByAdanState,
  type ScaleByScheduleState,
  scaleByAdan,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adan}: those of `scaleByAdan`, and the weight decay. */
export interface AdanOptions<P = Tree<Leaf>, M = never> extends ScaleByAdanOptions {
  /** Added inside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly epsRoot?: number
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Adan runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adan}. */
export type AdanState = readonly [ScaleByAdanState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Adan: adaptive Nesterov momentum, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAdan({ b1, b2, b3, eps, epsRoot, differenceWeight, accumulatorDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g = gₜ at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = n₀ = 0, and with w = β₂
 * unless differenceWeight is given:
 *
 *     dₜ = gₜ − gₜ₋₁                                    (d₁ = 0)
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) gₜ                        m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) dₜ                        v̂ = vₜ / (1 − β₂ᵗ)
 *     nₜ = β₃ nₜ₋₁ + (1 − β₃) (gₜ + w dₜ)²              n̂ = nₜ / (1 − β₃ᵗ)
 *     uₜ = −α(t − 1) ((m̂ + w v̂) / (√(n̂ + epsRoot) + eps) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * As in Optax the default epsRoot is 1e-8, where that of `scaleByAdan` is 0, and the decay is subtracted, where the paper
 * divides by 1 + λ α. Unlike Optax 0.2.8, and like the paper, the weight w of the change of the gradient is not 1 − β₂.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adan(0.5, { weightDecay: 0.5, eps: 0, epsRoot: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Xie et al. (2022), Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models, algorithm 1,
 * {@link https://arxiv.org/abs/2208.06677}
 */
export const adan = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdanOptions<P, M> = {}
): GradientTransformation<AdanState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdanOptions<P, M>>>('adan', options, {
    b1: 0.98,
    b2: 0.92,
    b3: 0.99,
    eps: 1e-8,
    epsRoot: 1e-8,
    differenceWeight: undefined,
    accumulatorDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('adan', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adan', learningRate, { ...options }],
    chain(scaleByAdan(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
