import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByRadamOptions,
  type ScaleByRadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByRadam
} from '@gradchain/transforms'

/** Options of {@link radam}: those of `scaleByRadam`. */
export type RadamOptions = ScaleByRadamOptions

/** State of {@link radam}. */
export type RadamState = readonly [ScaleByRadamState, ScaleByScheduleState]

/**
 * RAdam: Adam that warms itself up.
 *
 *     chain(
 *       scaleByRadam({ b1, b2, eps, epsRoot, muDtype, nuDtype, threshold, nesterov, epsPlacement }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = 0, and with ρ∞ = 2 / (1 − β₂) − 1:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)      r = √((ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ))
 *     uₜ = −α(t − 1) r m̂ / (√(v̂ + epsRoot) + eps)      when ρₜ ≥ threshold
 *     uₜ = −α(t − 1) m̂                                 before that
 *
 * Laws: elementwise; odd in the gradient; in the limit of many steps it is `adam`; a learning rate that is a number is its constant
 * schedule.
 *
 * PyTorch's RAdam is `radam(learningRate, { epsPlacement: 'hat' })`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = radam(0.5)
 * const params = { w: 4 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 2.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Liu et al. (2019), algorithm 2, {@link https://arxiv.org/abs/1908.03265}
 */
export const radam = (
  learningRate: ScalarOrSchedule,
  options: RadamOptions = {}
): GradientTransformation<RadamState> => {
  const chosen = withDefaults<Required<RadamOptions>>('radam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    threshold: 5,
    nesterov: false,
    epsPlacement: 'outside'
  })

  return withOrigin(
    ['radam', learningRate, { ...options }],
    chain(scaleByRadam(chosen), scaleByLearningRate(learningRate))
  )
}
