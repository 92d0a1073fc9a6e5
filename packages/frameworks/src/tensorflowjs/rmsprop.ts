import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type RmspropState as RuleState, rmsprop as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'

/** Options of {@link rmsprop}. */
export interface RmspropOptions {
  /** Decay rate of the mean square, in `[0, 1)`. @defaultValue `0.9` */
  readonly decay?: number
  /** Decay rate of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Added inside the root, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
}

/** State of {@link rmsprop}. */
export type RmspropState = RuleState

/**
 * TensorFlow.js's `tf.train.rmsprop`: `rmsprop(learningRate, { decay, momentum, eps: epsilon })`.
 *
 * As in Keras: epsilon inside the root, the learning rate inside the momentum. There is no `centered` here: TensorFlow.js subtracts epsilon where it means
 * to add it, √(E[g²] − E[g]² − ε), which is NaN for a gradient that is 0 from the start, or small; `rmsprop` with `centered: true` is the
 * right one.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = tensorflowjs.rmsprop(0.01)
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.968… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://js.tensorflow.org/api/latest/#Training-Optimizers}
 */
export const rmsprop = (
  learningRate: ScalarOrSchedule,
  options: RmspropOptions = {}
): GradientTransformation<RmspropState> => {
  const { decay, momentum, epsilon } = withDefaults<Required<RmspropOptions>>('tensorflowjs.rmsprop', options, {
    decay: 0.9,
    momentum: 0,
    epsilon: 1e-7
  })
  return withOrigin(
    ['tensorflowjs.rmsprop', learningRate, { ...options }],
    rule(learningRate, { decay, eps: epsilon, momentum: momentum === 0 ? undefined : momentum })
  )
}
