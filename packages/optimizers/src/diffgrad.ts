import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByDiffgradOptions,
  type ScaleByDiffgradState,
  type ScaleByScheduleState,
  scaleByDiffgrad,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link diffgrad}: those of `scaleByDiffgrad`. */
export type DiffgradOptions = ScaleByDiffgradOptions

/** State of {@link diffgrad}. */
export type DiffgradState = readonly [ScaleByDiffgradState, ScaleByScheduleState]

/**
 * diffGrad: Adam that is slower where the gradient changes little.
 *
 *     chain(scaleByDiffgrad({ b1, b2, eps, muDtype, nuDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g = gₜ at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = g₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     ξₜ = 1 / (1 + exp(−|gₜ₋₁ − gₜ|))
 *     uₜ = −α(t − 1) ξₜ m̂ / (√v̂ + eps)
 *
 * Laws: elementwise; odd in the gradient; between half of {@link adam} and all of it; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = diffgrad(0.5, { eps: 0 })
 * const params = { w: 8 }
 * const [next, state] = step(tx, { w: 100 }, tx.init(params), params)
 * next // => { w: 7.5 }
 * step(tx, { w: 100 }, state, next)[0] // => { w: 7.250… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Dubey et al. (2019), diffGrad: An Optimization Method for Convolutional Neural Networks, equations 10 to 12,
 * {@link https://arxiv.org/abs/1909.11015}
 */
export const diffgrad = (
  learningRate: ScalarOrSchedule,
  options: DiffgradOptions = {}
): GradientTransformation<DiffgradState> => {
  const chosen = withDefaults<Required<DiffgradOptions>>('diffgrad', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })

  return withOrigin(
    ['diffgrad', learningRate, { ...options }],
    chain(scaleByDiffgrad(chosen), scaleByLearningRate(learningRate))
  )
}
