import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByScheduleState,
  type ScaleByYogiOptions,
  type ScaleByYogiState,
  scaleByLearningRate,
  scaleByYogi
} from '@gradchain/transforms'

/** Options of {@link yogi}: those of `scaleByYogi`. */
export type YogiOptions = ScaleByYogiOptions

/** State of {@link yogi}. */
export type YogiState = readonly [ScaleByYogiState, ScaleByScheduleState]

/**
 * Yogi: Adam whose estimate of the magnitude cannot jump.
 *
 *     chain(scaleByYogi({ b1, b2, eps, epsRoot, initialAccumulatorValue, muDtype, nuDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = initialAccumulatorValue:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g                   m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = vₜ₋₁ − (1 − β₂) sign(vₜ₋₁ − g²) g²     v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) m̂ / (√(v̂ + epsRoot) + eps)
 *
 * Laws: elementwise; odd in the gradient when initialAccumulatorValue = 0; a learning rate that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = yogi(0.5, { eps: 0, initialAccumulatorValue: 0 })
 * const params = { w: 4 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 3.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Zaheer et al. (2018), Adaptive Methods for Nonconvex Optimization, algorithm 2,
 * {@link https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization}
 */
export const yogi = (learningRate: ScalarOrSchedule, options: YogiOptions = {}): GradientTransformation<YogiState> => {
  const chosen = withDefaults<Required<YogiOptions>>('yogi', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-3,
    epsRoot: 0,
    initialAccumulatorValue: 1e-6,
    muDtype: undefined,
    nuDtype: undefined
  })

  return withOrigin(
    ['yogi', learningRate, { ...options }],
    chain(scaleByYogi(chosen), scaleByLearningRate(learningRate))
  )
}
