import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type AdagradState as RuleState, adagrad as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'

/** Options of {@link adagrad}. */
export interface AdagradOptions {
  /** The sum of squares before the first update, finite and ≥ 0. @defaultValue `0.1` */
  readonly initialAccumulatorValue?: number
}

/** State of {@link adagrad}. */
export type AdagradState = RuleState

/**
 * TensorFlow.js's `tf.train.adagrad`: `adagrad(learningRate, { initialAccumulatorValue, eps: 1e-7 })`.
 *
 * The sum of squares begins at 0.1, as in Optax and Keras; PyTorch's at 0.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = tensorflowjs.adagrad(0.1)
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.915… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://js.tensorflow.org/api/latest/#Training-Optimizers}
 */
export const adagrad = (
  learningRate: ScalarOrSchedule,
  options: AdagradOptions = {}
): GradientTransformation<AdagradState> => {
  const { initialAccumulatorValue } = withDefaults<Required<AdagradOptions>>('tensorflowjs.adagrad', options, {
    initialAccumulatorValue: 0.1
  })
  return withOrigin(
    ['tensorflowjs.adagrad', learningRate, { ...options }],
    rule(learningRate, { initialAccumulatorValue, eps: 1e-7 })
  )
}
