import { check, type GradientTransformation, nonNegative, withDefaults, withOrigin } from '@gradchain/core'
import { type AdamaxState as RuleState, adamax as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'

/** Options of {@link adamax}. */
export interface AdamaxOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the maximum, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the maximum, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
  /** Rate κ at which the learning rate falls, α / (1 + κ t), finite and ≥ 0. @defaultValue `0` */
  readonly decay?: number
}

/** State of {@link adamax}. */
export type AdamaxState = RuleState

/**
 * TensorFlow.js's `tf.train.adamax`: `adamax((t) => learningRate / (1 + decay * t), { b1, b2, eps: epsilon, epsInMax: false })`.
 *
 * epsilon is added to the maximum, as in Keras; the learning rate is PyTorch's, twice that of Keras.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `2e-3` by default.
 *
 * @example
 * const tx = tensorflowjs.adamax()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.998… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://js.tensorflow.org/api/latest/#Training-Optimizers}
 */
export const adamax = (
  learningRate: ScalarOrSchedule = 2e-3,
  options: AdamaxOptions = {}
): GradientTransformation<AdamaxState> => {
  const { beta1, beta2, epsilon, decay } = withDefaults<Required<AdamaxOptions>>('tensorflowjs.adamax', options, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    decay: 0
  })
  check('tensorflowjs.adamax', { decay }, nonNegative)
  const rate = typeof learningRate === 'number' ? () => learningRate : learningRate
  const falling = decay === 0 ? learningRate : (step: number) => rate(step) / (1 + decay * step)
  return withOrigin(
    ['tensorflowjs.adamax', learningRate, { ...options }],
    rule(falling, { b1: beta1, b2: beta2, eps: epsilon, epsInMax: false })
  )
}
