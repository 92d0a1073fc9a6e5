import {
  chain,
  type EmptyState,
  type GradientTransformation,
  type Leaf,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByProdigyOptions, type ScaleByProdigyState, scale, scaleByProdigy } from '@gradchain/transforms'

/** Options of {@link prodigy}: those of `scaleByProdigy`. */
export type ProdigyOptions<P = Tree<Leaf>, M = never> = ScaleByProdigyOptions<P, M>

/** State of {@link prodigy}. */
export type ProdigyState = readonly [ScaleByProdigyState, EmptyState]

/**
 * Prodigy: Adam whose learning rate is an estimate of how far the solution is; there is none to choose.
 *
 *     chain(scaleByProdigy(learningRate, { b1, b2, b3, eps, estimLr0, … }), scale(-1))
 *
 * For the gradients g, all leaves together, with the params p, at step t = 1, 2, …, from m = v = s = r = 0 and d = d₀ = estimLr0,
 * with c = estimLrCoef and β₃ = √β₂ unless given:
 *
 *     η = d α(t − 1) √(1 − β₂ᵗ) / (1 − β₁ᵗ)
 *     m ← β₁ m + (1 − β₁) d g
 *     v ← β₂ v + (1 − β₂) (d g)²
 *     s ← β₃ s + η d g / d₀                     d² g / d₀ when safeguardWarmup
 *     r ← β₃ r + η d / d₀ ⟨g, p₀ − p⟩
 *     d ← max(d, c r / Σ|s|)
 *     u = −η (m / (√v + d eps) + λ p)           with η of before and d of after; λ where the mask is true
 *
 * Where it stands in the state d is `state[0].estimLr`.
 *
 * Laws: odd in gradients and params together; d never falls; a number is its constant schedule.
 *
 * @param learningRate - the factor α, a finite number ≥ 0, or a schedule that is 1 at its highest; 1 by default.
 *
 * @example
 * const tx = prodigy(1, { estimLr0: 0.5, eps: 0 })
 * const params = { w: [1, 1] }
 * step(tx, { w: [-3, 8] }, tx.init(params), params)[0].w.map((p) => p.toFixed(6)) // => ['1.500000', '0.500000']
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Mishchenko and Defazio (2023), Prodigy: An Expeditiously Adaptive Parameter-Free Learner, algorithm 4,
 * {@link https://arxiv.org/abs/2306.06101}
 * @see dadaptAdamw
 */
export const prodigy = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: ProdigyOptions<P, M> = {}
): GradientTransformation<ProdigyState> => {
  const chosen = withDefaults<Required<ProdigyOptions<P, M>>>('prodigy', options, {
    b1: 0.9,
    b2: 0.999,
    b3: undefined,
    eps: 1e-8,
    estimLr0: 1e-6,
    estimLrCoef: 1,
    weightDecay: 0,
    weightDecayMask: true,
    safeguardWarmup: false
  })

  return withOrigin(['prodigy', learningRate, { ...options }], chain(scaleByProdigy(learningRate, chosen), scale(-1)))
}
