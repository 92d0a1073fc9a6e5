import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdamaxOptions,
  type ScaleByAdamaxState,
  type ScaleByScheduleState,
  scaleByAdamax,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adamax}: those of `scaleByAdamax`. */
export type AdamaxOptions = ScaleByAdamaxOptions

/** State of {@link adamax}. */
export type AdamaxState = readonly [ScaleByAdamaxState, ScaleByScheduleState]

/**
 * Adamax: Adam with the largest recent magnitude of the gradient in place of its root mean square.
 *
 *     chain(scaleByAdamax({ b1, b2, eps, epsInMax, muDtype, nuDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          vₜ = max(β₂ vₜ₋₁, |g| + eps)
 *     uₜ = −α(t − 1) mₜ / (1 − β₁ᵗ) / vₜ
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = 0; {@link adamaxw} without weight decay; a learning rate
 * that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamax(0.5)
 * const params = { w: new Float32Array([4, -4]) }
 * const [next] = step(tx, { w: new Float32Array([100, -2]) }, tx.init(params), params)
 * next // => { w: Float32Array [3.5, -3.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Kingma and Ba (2014), algorithm 2, {@link https://arxiv.org/abs/1412.6980}
 * @see adamaxw
 */
export const adamax = (
  learningRate: ScalarOrSchedule,
  options: AdamaxOptions = {}
): GradientTransformation<AdamaxState> => {
  const chosen = withDefaults<Required<AdamaxOptions>>('adamax', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsInMax: true,
    muDtype: undefined,
    nuDtype: undefined
  })

  return withOrigin(
    ['adamax', learningRate, { ...options }],
    chain(scaleByAdamax(chosen), scaleByLearningRate(learningRate))
  )
}
