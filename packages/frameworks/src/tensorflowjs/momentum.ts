import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type SgdState as RuleState, sgd as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'

/** Options of {@link momentum}. */
export interface MomentumOptions {
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly useNesterov?: boolean
}

/** State of {@link momentum}. */
export type MomentumState = RuleState

/**
 * TensorFlow.js's `tf.train.momentum`: `sgd(learningRate, { momentum, nesterov: useNesterov })`.
 *
 * The learning rate acts on the whole momentum, as in PyTorch, not on what goes into it, as in Keras.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 * @param decay - the decay rate of the momentum, in `[0, 1]`.
 *
 * @example
 * const tx = tensorflowjs.momentum(0.5, 0.5)
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3 }
 * step(tx, { w: 2 }, state, next)[0] // => { w: 1.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://js.tensorflow.org/api/latest/#Training-Optimizers}
 */
export const momentum = (
  learningRate: ScalarOrSchedule,
  decay: number,
  options: MomentumOptions = {}
): GradientTransformation<MomentumState> => {
  const { useNesterov } = withDefaults<Required<MomentumOptions>>('tensorflowjs.momentum', options, {
    useNesterov: false
  })
  return withOrigin(
    ['tensorflowjs.momentum', learningRate, decay, { ...options }],
    rule(learningRate, { momentum: decay, nesterov: useNesterov })
  )
}
