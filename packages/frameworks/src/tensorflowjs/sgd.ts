import { type GradientTransformation, withOrigin } from '@gradchain/core'
import { type SgdState as RuleState, sgd as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'

/** State of {@link sgd}. */
export type SgdState = RuleState

/**
 * TensorFlow.js's `tf.train.sgd`: `sgd(learningRate)`.
 *
 * It has no momentum: that is {@link momentum}.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = tensorflowjs.sgd(0.5)
 * const params = { w: 4 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://js.tensorflow.org/api/latest/#Training-Optimizers}
 */
export const sgd = (learningRate: ScalarOrSchedule): GradientTransformation<SgdState> => {
  return withOrigin(['tensorflowjs.sgd', learningRate], rule(learningRate))
}
