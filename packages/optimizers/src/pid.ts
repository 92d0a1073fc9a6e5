import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByPidOptions,
  type ScaleByPidState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByPid
} from '@gradchain/transforms'

/** Options of {@link pid}: those of `scaleByPid`. */
export type PidOptions = ScaleByPidOptions

/** State of {@link pid}. */
export type PidState = readonly [ScaleByPidState, ScaleByScheduleState]

/**
 * PID: gradient descent by a controller, with the sum of past gradients and how they change.
 *
 *     chain(scaleByPid({ integral, derivative, momentum, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * Elementwise, for the gradient g = gₜ at step t = 1, 2, … and the learning rate α, from i₀ = d₀ = 0 and g₀ = g₁:
 *
 *     iₜ = β iₜ₋₁ + gₜ
 *     dₜ = β dₜ₋₁ + (1 − β) (gₜ − gₜ₋₁)
 *     uₜ = −α(t − 1) (gₜ + K iₜ + D dₜ)
 *
 * Gradients that stay the same are added up to 1 + K / (1 − β) times themselves, 51 times with the defaults: the learning rate is to be as
 * much smaller than that of plain descent.
 *
 * Laws: elementwise; linear in the history of gradients; with integral = derivative = 0 it is `sgd(learningRate)`; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = pid(0.5, { integral: 1, derivative: 2, momentum: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 4 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see An et al. (2018), A PID Controller Approach for Stochastic Optimization of Deep Networks, {@link https://doi.org/10.1109/CVPR.2018.00889}
 */
export const pid = (learningRate: ScalarOrSchedule, options: PidOptions = {}): GradientTransformation<PidState> => {
  const chosen = withDefaults<Required<PidOptions>>('pid', options, {
    integral: 5,
    derivative: 10,
    momentum: 0.9,
    accumulatorDtype: undefined
  })

  return withOrigin(['pid', learningRate, { ...options }], chain(scaleByPid(chosen), scaleByLearningRate(learningRate)))
}
