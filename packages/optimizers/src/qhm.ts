import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByQhmOptions,
  type ScaleByQhmState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByQhm
} from '@gradchain/transforms'

/** Options of {@link qhm}: those of `scaleByQhm`. */
export type QhmOptions = ScaleByQhmOptions

/** State of {@link qhm}. */
export type QhmState = readonly [ScaleByQhmState, ScaleByScheduleState]

/**
 * QHM: gradient descent with quasi-hyperbolic momentum, a weighted mean of a step of momentum and a plain one.
 *
 *     chain(scaleByQhm({ decay, nu, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * Elementwise, for the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g
 *     uₜ = −α(t − 1) ((1 − ν) g + ν mₜ)
 *
 * The momentum is a mean, so that a learning rate which was good for `sgd` with momentum 0.9 is good here times 1 / (1 − 0.9).
 *
 * Laws: elementwise; linear in the history of gradients; with nu 0 it is `sgd(learningRate)`; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = qhm(0.5, { decay: 0.5, nu: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 6.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Ma and Yarats (2018), equations 3 and 4, {@link https://arxiv.org/abs/1810.06801}
 * @see sgd
 */
export const qhm = (learningRate: ScalarOrSchedule, options: QhmOptions = {}): GradientTransformation<QhmState> => {
  const chosen = withDefaults<Required<QhmOptions>>('qhm', options, {
    decay: 0.999,
    nu: 0.7,
    accumulatorDtype: undefined
  })

  return withOrigin(['qhm', learningRate, { ...options }], chain(scaleByQhm(chosen), scaleByLearningRate(learningRate)))
}
