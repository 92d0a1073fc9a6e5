import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByNadamOptions,
  type ScaleByNadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByNadam
} from '@gradchain/transforms'

/** Options of {@link nadam}: those of `scaleByNadam`. */
export type NadamOptions = ScaleByNadamOptions

/** State of {@link nadam}. */
export type NadamState = readonly [ScaleByNadamState, ScaleByScheduleState]

/**
 * NAdam: Adam with Nesterov momentum.
 *
 *     chain(
 *       scaleByNadam({ b1, b2, eps, epsRoot, muDtype, nuDtype, momentumDecay, epsPlacement }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = 0 and without momentumDecay:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = β₁ mₜ / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) m̂ / (√(v̂ + epsRoot) + eps)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; without momentumDecay it is
 * `adam(learningRate, { nesterov: true })`; {@link nadamw} without weight decay; a learning rate that is a number is its
 * constant schedule.
 *
 * PyTorch's NAdam, whose momentum warms up, is `nadam(learningRate, { momentumDecay: 4e-3 })`; that of Keras
 * `nadam(learningRate, { momentumDecay: 1, eps: 1e-7 })`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = nadam(0.5, { b1: 0.5, eps: 0 })
 * const params = { w: 4 }
 * step(tx, { w: -3 }, tx.init(params), params)[0] // => { w: 4.666… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Dozat (2016), Incorporating Nesterov Momentum into Adam, algorithm 2,
 * {@link https://openreview.net/pdf?id=OM0jvwB8jIp57ZJjtNEZ}
 * @see nadamw
 */
export const nadam = (
  learningRate: ScalarOrSchedule,
  options: NadamOptions = {}
): GradientTransformation<NadamState> => {
  const chosen = withDefaults<Required<NadamOptions>>('nadam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    momentumDecay: undefined,
    epsPlacement: 'outside'
  })

  return withOrigin(
    ['nadam', learningRate, { ...options }],
    chain(scaleByNadam(chosen), scaleByLearningRate(learningRate))
  )
}
