import { type GradientTransformation, withOrigin } from '@gradchain/core'
import { type SgdState as RuleState, sgd as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'

/** State of {@link adadelta}. */
export type AdadeltaState = RuleState

/**
 * TensorFlow.js's `tf.train.adadelta`, which is plain descent: `sgd(learningRate)`.
 *
 * It divides by the mean square before this gradient came in, in place of the one after: the two averages, of squares of gradients and of steps, then
 * stay equal for ever, their ratio is 1, and rho and epsilon have no effect. Adadelta itself is `adadelta()`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = tensorflowjs.adadelta(0.5)
 * const params = { w: 4 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://js.tensorflow.org/api/latest/#Training-Optimizers}
 */
export const adadelta = (learningRate: ScalarOrSchedule = 1e-3): GradientTransformation<AdadeltaState> => {
  return withOrigin(['tensorflowjs.adadelta', learningRate], rule(learningRate))
}
