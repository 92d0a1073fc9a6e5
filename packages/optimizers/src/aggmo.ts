import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAggmoOptions,
  type ScaleByAggmoState,
  type ScaleByScheduleState,
  scaleByAggmo,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link aggmo}: those of `scaleByAggmo`. */
export type AggmoOptions = ScaleByAggmoOptions

/** State of {@link aggmo}. */
export type AggmoState = readonly [ScaleByAggmoState, ScaleByScheduleState]

/**
 * AggMo: gradient descent with the mean of several momenta that forget at different rates.
 *
 *     chain(scaleByAggmo({ betas, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * Elementwise, for the gradient g at step t = 1, 2, …, the learning rate α and the K rates β⁽ⁱ⁾ in betas, from v₀ = 0:
 *
 *     vₜ⁽ⁱ⁾ = β⁽ⁱ⁾ vₜ₋₁⁽ⁱ⁾ + g
 *     uₜ = −α(t − 1) Σ vₜ⁽ⁱ⁾ / K
 *
 * Laws: elementwise; linear in the history of gradients; with one rate it is `sgd` with that momentum; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = aggmo(0.5, { betas: [0, 0.5] })
 * const params = { w: 8 }
 * const [next, state] = step(tx, { w: 4 }, tx.init(params), params)
 * next // => { w: 6 }
 * step(tx, { w: 4 }, state, next)[0] // => { w: 3.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Lucas, Sun, Zemel and Grosse (2018), Aggregated Momentum: Stability Through Passive Damping, equation 3,
 * {@link https://arxiv.org/abs/1804.00325}
 * @see sgd
 */
export const aggmo = (
  learningRate: ScalarOrSchedule,
  options: AggmoOptions = {}
): GradientTransformation<AggmoState> => {
  const chosen = withDefaults<Required<AggmoOptions>>('aggmo', options, {
    betas: [0, 0.9, 0.99],
    accumulatorDtype: undefined
  })

  return withOrigin(
    ['aggmo', learningRate, { ...options }],
    chain(scaleByAggmo(chosen), scaleByLearningRate(learningRate))
  )
}
