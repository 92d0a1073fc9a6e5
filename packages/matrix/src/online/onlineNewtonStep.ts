import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByScheduleState, scaleByLearningRate } from '@gradchain/transforms'
import {
  type ScaleByOnlineNewtonOptions,
  type ScaleByOnlineNewtonState,
  scaleByOnlineNewton
} from './scaleByOnlineNewton.js'

/** Options of {@link onlineNewtonStep}. */
export type OnlineNewtonStepOptions = ScaleByOnlineNewtonOptions

/** State of {@link onlineNewtonStep}. */
export type OnlineNewtonStepState = readonly [ScaleByOnlineNewtonState, ScaleByScheduleState]

/**
 * Online Newton step: for losses that are curved along their gradients, such as logarithmic and square losses of linear models, with a
 * regret that grows with the logarithm of the number of steps.
 *
 *     chain(scaleByOnlineNewton({ eps }), scaleByLearningRate(learningRate))
 *
 * For the gradient g of a leaf as a vector and the learning rate α, which is 1/γ for losses that are γ-exp-concave, from A₀ = eps I:
 *
 *     Aₜ = Aₜ₋₁ + g gᵀ
 *     p ← p − α Aₜ⁻¹ g
 *
 * A leaf of n elements keeps n² numbers. Params are not projected.
 *
 * Laws: a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = onlineNewtonStep(1, { eps: 2 })
 * const params = { w: new Float64Array(1) }
 * step(tx, { w: new Float64Array([2]) }, tx.init(params), params)[0] // => { w: Float64Array [-0.3333…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Hazan, Agarwal and Kale (2007), Logarithmic regret algorithms for online convex optimization, figure 2,
 * {@link https://doi.org/10.1007/s10994-007-5016-8}
 */
export const onlineNewtonStep = (
  learningRate: ScalarOrSchedule,
  options: OnlineNewtonStepOptions = {}
): GradientTransformation<OnlineNewtonStepState> => {
  const chosen = withDefaults<Required<OnlineNewtonStepOptions>>('onlineNewtonStep', options, { eps: 1 })

  return withOrigin(
    ['onlineNewtonStep', learningRate, { ...options }],
    chain(scaleByOnlineNewton(chosen), scaleByLearningRate(learningRate))
  )
}
