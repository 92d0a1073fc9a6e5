import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type AdamState as RuleState, adam as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'

/** Options of {@link adam}. */
export interface AdamOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
}

/** State of {@link adam}. */
export type AdamState = RuleState

/**
 * TensorFlow.js's `tf.train.adam`: `adam(learningRate, { b1, b2, eps: epsilon })`.
 *
 * epsilon stands after the correction of the second moment, as in the paper and in PyTorch, and not as in Keras, whose value of it it has. TensorFlow.js
 * keeps the powers of β₁ and β₂ in float32, by which its steps are off by about 1e-5; and it pairs moments with variables by their place
 * in the list, not by name.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = tensorflowjs.adam()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://js.tensorflow.org/api/latest/#Training-Optimizers}
 */
export const adam = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdamOptions = {}
): GradientTransformation<AdamState> => {
  const { beta1, beta2, epsilon } = withDefaults<Required<AdamOptions>>('tensorflowjs.adam', options, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7
  })
  return withOrigin(
    ['tensorflowjs.adam', learningRate, { ...options }],
    rule(learningRate, { b1: beta1, b2: beta2, eps: epsilon })
  )
}
