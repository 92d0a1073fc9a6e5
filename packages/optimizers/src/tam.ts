import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByScheduleState,
  type ScaleByTamOptions,
  type ScaleByTamState,
  scaleByLearningRate,
  scaleByTam
} from '@gradchain/transforms'

/** Options of {@link tam}: those of `scaleByTam`. */
export type TamOptions = ScaleByTamOptions

/** State of {@link tam}. */
export type TamState = readonly [ScaleByTamState, ScaleByScheduleState]

/**
 * TAM: gradient descent with momentum that takes less of gradients which point elsewhere.
 *
 *     chain(scaleByTam({ momentum, decay, eps, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * For each leaf, its gradient g at step t = 1, 2, … and the learning rate α, from m₀ = s₀ = 0:
 *
 *     sₜ = γ sₜ₋₁ + (1 − γ) cos(mₜ₋₁, g)
 *     mₜ = β mₜ₋₁ + (eps + (1 + sₜ) / 2) g
 *     uₜ = −α(t − 1) mₜ
 *
 * Laws: odd in the history of gradients; homogeneous in it; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = tam(0.5, { eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 7 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Malviya et al. (2024), Torque-Aware Momentum, {@link https://arxiv.org/abs/2412.18790}
 */
export const tam = (learningRate: ScalarOrSchedule, options: TamOptions = {}): GradientTransformation<TamState> => {
  const chosen = withDefaults<Required<TamOptions>>('tam', options, {
    momentum: 0.9,
    decay: 0.9,
    eps: 1e-8,
    accumulatorDtype: undefined
  })

  return withOrigin(['tam', learningRate, { ...options }], chain(scaleByTam(chosen), scaleByLearningRate(learningRate)))
}
