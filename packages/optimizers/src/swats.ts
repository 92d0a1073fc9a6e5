import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleBySwatsOptions, type ScaleBySwatsState, scale, scaleBySwats } from '@gradchain/transforms'

/** Options of {@link swats}: those of `scaleBySwats`. */
export type SwatsOptions = ScaleBySwatsOptions

/** State of {@link swats}. */
export type SwatsState = readonly [ScaleBySwatsState, EmptyState]

/**
 * SWATS: Adam, which goes over to gradient descent with momentum by itself, at the learning rate that Adam's steps amount to.
 *
 *     chain(scaleBySwats(learningRate, { b1, b2, eps, tolerance }), scale(-1))
 *
 * For the gradient g at step k = 1, 2, …, from m = a = λ = 0, first
 *
 *     m ← β₁ m + (1 − β₁) g
 *     a ← β₂ a + (1 − β₂) g²
 *     u = −α √(1 − β₂ᵏ) / (1 − β₁ᵏ) m / (√a + eps)
 *     γ = −⟨u, u⟩ / ⟨u, g⟩                    all leaves together
 *     λ ← β₂ λ + (1 − β₂) γ
 *
 * until |λ / (1 − β₂ᵏ) − γ| < tolerance, with Λ = λ / (1 − β₂ᵏ) > 0 and k > 1; from then on, from v = 0,
 *
 *     v ← β₁ v + g
 *     u = −(1 − β₁) Λ v
 *
 * Where the state says whether it has gone over is `state[0].switched`, which is 0 before.
 *
 * Laws: odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - the rate α of Adam, a finite number ≥ 0, or a schedule; 0.001 by default.
 *
 * @example
 * const tx = swats(0.5, { b1: 0, b2: 0.5, eps: 0 })
 * let params = { w: 2 }
 * let state = tx.init(params)
 * for (let t = 0; t < 2; t++) [params, state] = step(tx, { w: 2 }, state, params)
 * params.w.toFixed(6) // => '1.000000'
 * step(tx, { w: 3 }, state, params)[0].w.toFixed(6) // => '0.250000'
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Keskar and Socher (2017), Improving Generalization Performance by Switching from Adam to SGD, algorithm 1,
 * {@link https://arxiv.org/abs/1712.07628}
 */
export const swats = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: SwatsOptions = {}
): GradientTransformation<SwatsState> => {
  const chosen = withDefaults<Required<SwatsOptions>>('swats', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-9,
    tolerance: 1e-9
  })

  return withOrigin(['swats', learningRate, { ...options }], chain(scaleBySwats(learningRate, chosen), scale(-1)))
}
