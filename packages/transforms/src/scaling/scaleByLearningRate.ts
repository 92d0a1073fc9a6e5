import { boolean, check, type GradientTransformation, nonNegative, orSchedule, withDefaults } from '@gradchain/core'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { scaledBy } from '../internal/scaledBy.js'
import type { ScaleByScheduleState } from './scaleBySchedule.js'

/** Options of {@link scaleByLearningRate}. */
export interface ScaleByLearningRateOptions {
  /** Whether to multiply by −α, which descends, rather than by α. @defaultValue `true` */
  readonly flipSign?: boolean
}

/**
 * Multiplies every update by the negative learning rate: the last link of most chains, the one that makes it descend.
 *
 * Elementwise, for the update g at step t = 0, 1, 2, … and α = learningRate, a number or a schedule:
 *
 *     uₜ = −α(t) g           (+α(t) g unless flipSign)
 *
 * The state counts the steps also when the learning rate is a number, so that it may be swapped for a schedule later.
 *
 * Laws: elementwise; linear; a number is its constant schedule; with flipSign false, {@link scaleBySchedule}.
 *
 * Unlike Optax: the learning rate is required, where its `None` means "no scaling", with no minus sign either.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByLearningRate(0.5)
 * tx.update({ w: 4 }, tx.init({ w: 0 }), { w: 0 }) // => [{ w: -2 }, { count: 1 }]
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number.
 * @see scaleBySchedule, scale
 */
export const scaleByLearningRate = (
  learningRate: ScalarOrSchedule,
  options: ScaleByLearningRateOptions = {}
): GradientTransformation<ScaleByScheduleState> => {
  const { flipSign } = withDefaults('scaleByLearningRate', options, { flipSign: true })
  check('scaleByLearningRate', { learningRate }, orSchedule(nonNegative))
  check('scaleByLearningRate', { flipSign }, boolean)

  return scaledBy(['scaleByLearningRate', learningRate, { ...options }], asSchedule(learningRate), flipSign ? -1 : 1)
}
