import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByMomoExtra,
  type ScaleByMomoOptions,
  type ScaleByMomoState,
  scale,
  scaleByMomo
} from '@gradchain/transforms'

/** Options of {@link momo}: those of `scaleByMomo`. */
export type MomoOptions = ScaleByMomoOptions

/** State of {@link momo}. */
export type MomoState = readonly [ScaleByMomoState, EmptyState]

/**
 * MoMo: momentum whose step goes at most to where a model of the loss reaches its least value. `update` takes `{ value }`, the loss.
 *
 *     chain(scaleByMomo(learningRate, { beta, lowerBound, weightDecay, adaptLowerBound }), scale(-1))
 *
 * For the gradients g, all leaves together, with the params p and the loss f there, at step t = 1, 2, …, with β = 0 at the first and
 * f* = lowerBound:
 *
 *     m ← β m + (1 − β) g
 *     f̄ ← β f̄ + (1 − β) f
 *     γ ← β γ + (1 − β) ⟨g, p⟩
 *     τ = min(α, max((1 + αλ) (f̄ − f* − γ) + ⟨m, p⟩, 0) / ‖m‖²)        0 where ‖m‖² ≤ 2⁻⁵²
 *     u = −τ m − αλ / (1 + αλ) p
 *
 * With `adaptLowerBound` f* is estimated on the way, as `scaleByMomo` says.
 *
 * Laws: with β = 0 and λ = 0 it is {@link polyakSgd}; a tree and its flattened vector agree; a number is its constant schedule.
 *
 * @param learningRate - the longest step α, a finite number ≥ 0, or a schedule; 1 by default.
 *
 * @example
 * const tx = momo(10)
 * const params = { x: 3 }
 * // f = |x|
 * step(tx, { x: 1 }, tx.init(params), params, { value: 3 })[0] // => { x: 0 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Schaipp et al. (2023), MoMo: Momentum Models for Adaptive Learning Rates, algorithm 1,
 * {@link https://arxiv.org/abs/2305.07583}
 * @see momoAdam
 */
export const momo = (
  learningRate: ScalarOrSchedule = 1,
  options: MomoOptions = {}
): GradientTransformation<MomoState, ScaleByMomoExtra> => {
  const chosen = withDefaults<Required<MomoOptions>>('momo', options, {
    beta: 0.9,
    lowerBound: 0,
    weightDecay: 0,
    adaptLowerBound: false
  })

  return withOrigin(['momo', learningRate, { ...options }], chain(scaleByMomo(learningRate, chosen), scale(-1)))
}
