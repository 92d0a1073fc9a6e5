import { type Key, type Operand, type Value, withDefaults } from '@gradchain/core'
import { along, axisOf, dropped } from '../internal/dropped.js'

/** Options of {@link featureDropout}. */
export interface FeatureDropoutOptions {
  /** The probability p that a feature is dropped, in `[0, 1]`. @defaultValue `0.5` */
  readonly rate?: number | undefined
  /** The axis of the features, counted from the end when negative. @defaultValue `-1` */
  readonly axis?: number | undefined
}

/**
 * Makes random features 0, the same in all examples, and the others larger: a model that is not to rely on any one of them does without.
 *
 *     y = m x / (1 − p)        with one m for all that has the same place along the axis, 1 with probability 1 − p
 *
 * A pure function of the key. Lazy, like `add` and `mul`, with the derivative m / (1 − p).
 *
 * Laws: linear in x; the mean over all keys is x; a feature is dropped in all examples or in none; with p = 0 it is the identity, bit for
 * bit, with p = 1 it is 0.
 *
 * @example
 * force(featureDropout(random.key(0), ndarray([1, 2, 3, 4, 5, 6], [2, 3])))
 * // => { dtype: 'float32', shape: [2, 3], data: Float32Array [0, 0, 6, 0, 0, 12] }
 *
 * @throws InvalidOption for what is no key, when the rate is not in [0, 1], and for an axis that x has not.
 * @see spatialDropout, which draws anew for each example.
 */
export const featureDropout = (key: Key, x: Operand, options: FeatureDropoutOptions = {}): Value => {
  const { rate, axis } = withDefaults('featureDropout', options, { rate: 0.5, axis: -1 })
  return dropped('featureDropout', key, x, rate, along(x, [axisOf('featureDropout', 'axis', axis, x)]))
}
