import { chain, type EmptyState, type GradientTransformation, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByScheduleState, scaleByLearningRate, scaleBySign } from '@gradchain/transforms'

/** State of {@link signSgd}. */
export type SignSgdState = readonly [EmptyState, ScaleByScheduleState]

/**
 * Gradient descent by the signs of the gradient alone.
 *
 *     chain(scaleBySign(), scaleByLearningRate(learningRate))
 *
 * Elementwise, for the gradient g at step t = 1, 2, … and the learning rate α:
 *
 *     uₜ = −α(t − 1) sign(g)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale; |u| ≤ α; {@link signum} with beta 0; a learning rate that is a
 * number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = signSgd(0.5)
 * const params = { w: [4, 4, 4] }
 * step(tx, { w: [100, -0.1, 0] }, tx.init(params), params)[0] // => { w: [3.5, 4.5, 4] }
 *
 * @throws InvalidOption at construction, when the learning rate is outside its range.
 * @see Bernstein et al. (2018), algorithm 1, {@link https://arxiv.org/abs/1802.04434}
 */
export const signSgd = (learningRate: ScalarOrSchedule): GradientTransformation<SignSgdState> =>
  withOrigin(['signSgd', learningRate], chain(scaleBySign(), scaleByLearningRate(learningRate)))
