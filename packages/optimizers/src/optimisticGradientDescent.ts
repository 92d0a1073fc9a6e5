import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByOptimisticGradient
} from '@gradchain/transforms'

/** Options of {@link optimisticGradientDescent}: those of `scaleByOptimisticGradient`. */
export type OptimisticGradientDescentOptions = ScaleByOptimisticGradientOptions

/** State of {@link optimisticGradientDescent}. */
export type OptimisticGradientDescentState = readonly [ScaleByOptimisticGradientState, ScaleByScheduleState]

/**
 * Optimistic gradient descent: each step makes the change of the gradient up in advance; it converges in games where descent circles.
 *
 *     chain(scaleByOptimisticGradient({ alpha, beta, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g = gₜ at step t = 0, 1, 2, … and the learning rate η:
 *
 *     u₀ = −η(0) α g₀
 *     uₜ = −η(t) ((α + β) gₜ − β gₜ₋₁)
 *
 * Laws: elementwise; linear in the history of gradients; with alpha 1 and beta 0 it is `sgd`; a learning rate that is a number is
 * its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = optimisticGradientDescent(0.5)
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3 }
 * step(tx, { w: 1 }, state, next)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Mokhtari et al. (2019), A Unified Analysis of Extra-gradient and Optimistic Gradient Methods for Saddle Point Problems:
 * Proximal Point Approach, section 4, {@link https://arxiv.org/abs/1901.08511}
 */
export const optimisticGradientDescent = (
  learningRate: ScalarOrSchedule,
  options: OptimisticGradientDescentOptions = {}
): GradientTransformation<OptimisticGradientDescentState> => {
  const chosen = withDefaults<Required<OptimisticGradientDescentOptions>>('optimisticGradientDescent', options, {
    alpha: 1,
    beta: 1,
    accumulatorDtype: undefined
  })

  return withOrigin(
    ['optimisticGradientDescent', learningRate, { ...options }],
    chain(scaleByOptimisticGradient(chosen), scaleByLearningRate(learningRate))
  )
}
