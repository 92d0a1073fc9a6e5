import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByMomoAdamExtra,
  type ScaleByMomoAdamOptions,
  type ScaleByMomoAdamState,
  scale,
  scaleByMomoAdam
} from '@gradchain/transforms'

/** Options of {@link momoAdam}: those of `scaleByMomoAdam`. */
export type MomoAdamOptions = ScaleByMomoAdamOptions

/** State of {@link momoAdam}. */
export type MomoAdamState = readonly [ScaleByMomoAdamState, EmptyState]

/**
 * MoMo-Adam: Adam whose step goes at most to where a model of the loss reaches its least value. `update` takes `{ value }`, the loss.
 *
 *     chain(scaleByMomoAdam(learningRate, { b1, b2, eps, lowerBound, weightDecay, adaptLowerBound }), scale(-1))
 *
 * For the gradients g, all leaves together, with the params p and the loss f there, at step t = 1, 2, …, with c = 1 − β₁ᵗ and
 * f* = lowerBound, from zeros:
 *
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²                 D = √(v / (1 − β₂ᵗ)) + eps
 *     f̄ ← β₁ f̄ + (1 − β₁) f
 *     γ ← β₁ γ + (1 − β₁) ⟨g, p⟩
 *     n = ⟨m, m / D⟩
 *     τ = min(α / c, max((1 + αλ) (f̄ − c f* − γ) + ⟨m, p⟩, 0) / n)        0 where n ≤ 2⁻⁵²
 *     u = −τ m / D − αλ / (1 + αλ) p
 *
 * With `adaptLowerBound` f* is estimated on the way, as `scaleByMomo` says.
 *
 * Laws: where the step is bounded by α and λ = 0 it is {@link adam}; a tree and its flattened vector agree; a number is its constant
 * schedule.
 *
 * @param learningRate - the longest step α, a finite number ≥ 0, or a schedule; 0.01 by default.
 *
 * @example
 * const tx = momoAdam(0.5, { eps: 0 })
 * const params = { x: 3 }
 * step(tx, { x: 2 }, tx.init(params), params, { value: 70 })[0].x.toFixed(6) // => '2.500000'
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Schaipp et al. (2023), algorithm 3, {@link https://arxiv.org/abs/2305.07583}
 * @see momo
 */
export const momoAdam = (
  learningRate: ScalarOrSchedule = 0.01,
  options: MomoAdamOptions = {}
): GradientTransformation<MomoAdamState, ScaleByMomoAdamExtra> => {
  const chosen = withDefaults<Required<MomoAdamOptions>>('momoAdam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    lowerBound: 0,
    weightDecay: 0,
    adaptLowerBound: false
  })

  return withOrigin(['momoAdam', learningRate, { ...options }], chain(scaleByMomoAdam(learningRate, chosen), scale(-1)))
}
