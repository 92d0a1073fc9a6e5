import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdaboundOptions,
  type ScaleByAdaboundState,
  type ScaleByScheduleState,
  scaleByAdabound,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adabound}: those of `scaleByAdabound`. */
export type AdaboundOptions = ScaleByAdaboundOptions

/** State of {@link adabound}. */
export type AdaboundState = readonly [ScaleByAdaboundState, ScaleByScheduleState]

/**
 * AdaBound: Adam at first, SGD in the end, and all that is in between.
 *
 *     chain(scaleByAdabound({ b1, b2, eps, finalScale, gamma, muDtype, nuDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = 0, with r = finalScale and γ = gamma:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *     ηₜ = √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√vₜ + eps), but at least r (1 − 1 / (γ t + 1)) and at most r (1 + 1 / (γ t))
 *     uₜ = −α(t − 1) ηₜ mₜ
 *
 * Laws: elementwise; odd in the gradient; a learning rate that is a number is its constant schedule.
 *
 * The authors' `final_lr` is `finalScale` times their `lr`: their defaults, 0.1 and 1e-3, are `adabound(1e-3)`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adabound(0.5, { b1: 0, eps: 0, finalScale: 2, gamma: 1 })
 * const params = { w: [4, 4] }
 * step(tx, { w: [0.5, 4] }, tx.init(params), params)[0] // => { w: [3.5, 2] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Luo et al. (2019), Adaptive Gradient Methods with Dynamic Bound of Learning Rate, algorithm 2,
 * {@link https://arxiv.org/abs/1902.09843}
 */
export const adabound = (
  learningRate: ScalarOrSchedule,
  options: AdaboundOptions = {}
): GradientTransformation<AdaboundState> => {
  const chosen = withDefaults<Required<AdaboundOptions>>('adabound', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    finalScale: 100,
    gamma: 1e-3,
    muDtype: undefined,
    nuDtype: undefined
  })

  return withOrigin(
    ['adabound', learningRate, { ...options }],
    chain(scaleByAdabound(chosen), scaleByLearningRate(learningRate))
  )
}
