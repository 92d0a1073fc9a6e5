import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByDadaptAdamwOptions,
  type ScaleByDadaptAdamwState,
  scale,
  scaleByDadaptAdamw
} from '@gradchain/transforms'

/** Options of {@link dadaptAdamw}: those of `scaleByDadaptAdamw`. */
export type DadaptAdamwOptions = ScaleByDadaptAdamwOptions

/** State of {@link dadaptAdamw}. */
export type DadaptAdamwState = readonly [ScaleByDadaptAdamwState, EmptyState]

/**
 * D-Adapt AdamW: Adam whose learning rate is a lower bound of how far the solution is; there is none to choose.
 *
 *     chain(scaleByDadaptAdamw(learningRate, { b1, b2, eps, estimLr0, weightDecay }), scale(-1))
 *
 * For the gradients g, all leaves together, with the params p, at step t = 1, 2, …, from m = v = s = r = 0 and d = estimLr0, with
 * γ = √β₂:
 *
 *     η = d α(t − 1) √(1 − β₂ᵗ) / (1 − β₁ᵗ)
 *     r ← γ r + (1 − γ) η ⟨g, s / (√v + eps)⟩
 *     m ← β₁ m + (1 − β₁) η g
 *     v ← β₂ v + (1 − β₂) g²
 *     s ← γ s + (1 − γ) η g
 *     d ← max(d, r / ((1 − γ) Σ|s|))
 *     u = −(m / (√v + eps) + λ η p)
 *
 * Where it stands in the state d is `state[0].estimLr`.
 *
 * Laws: odd in gradients and params together; d never falls; a number is its constant schedule.
 *
 * @param learningRate - the factor α, a finite number ≥ 0, or a schedule that is 1 at its highest; 1 by default.
 *
 * @example
 * const tx = dadaptAdamw(1, { estimLr0: 0.5, eps: 0 })
 * const params = { w: [1, 1] }
 * step(tx, { w: [-3, 8] }, tx.init(params), params)[0].w.map((p) => p.toFixed(6)) // => ['1.500000', '0.500000']
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Defazio and Mishchenko (2023), Learning-Rate-Free Learning by D-Adaptation, algorithm 5,
 * {@link https://arxiv.org/abs/2301.07733}
 * @see prodigy
 */
export const dadaptAdamw = (
  learningRate: ScalarOrSchedule = 1,
  options: DadaptAdamwOptions = {}
): GradientTransformation<DadaptAdamwState> => {
  const chosen = withDefaults<Required<DadaptAdamwOptions>>('dadaptAdamw', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    estimLr0: 1e-6,
    weightDecay: 0
  })

  return withOrigin(
    ['dadaptAdamw', learningRate, { ...options }],
    chain(scaleByDadaptAdamw(learningRate, chosen), scale(-1))
  )
}
