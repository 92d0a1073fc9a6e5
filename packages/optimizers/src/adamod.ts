import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdamodOptions,
  type ScaleByAdamodState,
  type ScaleByScheduleState,
  scaleByAdamod,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adamod}: those of `scaleByAdamod`. */
export type AdamodOptions = ScaleByAdamodOptions

/** State of {@link adamod}. */
export type AdamodState = readonly [ScaleByAdamodState, ScaleByScheduleState]

/**
 * AdaMod: Adam whose step sizes are at most their own mean.
 *
 *     chain(scaleByAdamod({ b1, b2, b3, eps, muDtype, nuDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = s₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     ηₜ = 1 / (√v̂ + eps)               sₜ = β₃ sₜ₋₁ + (1 − β₃) ηₜ
 *     uₜ = −α(t − 1) min(ηₜ, sₜ) m̂
 *
 * Laws: elementwise; odd in the gradient; with b3 0 it is {@link adam}; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamod(0.5, { b3: 0.75, eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 7.875 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Ding, Ren, Luo and Sun (2019), An Adaptive and Momental Bound Method for Stochastic Learning, algorithm 1,
 * {@link https://arxiv.org/abs/1910.12249}
 */
export const adamod = (
  learningRate: ScalarOrSchedule,
  options: AdamodOptions = {}
): GradientTransformation<AdamodState> => {
  const chosen = withDefaults<Required<AdamodOptions>>('adamod', options, {
    b1: 0.9,
    b2: 0.999,
    b3: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })

  return withOrigin(
    ['adamod', learningRate, { ...options }],
    chain(scaleByAdamod(chosen), scaleByLearningRate(learningRate))
  )
}
