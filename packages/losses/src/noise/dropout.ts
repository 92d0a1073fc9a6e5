import { type Key, type Operand, shapeOf, type Value, withDefaults } from '@gradchain/core'
import { dropped } from '../internal/dropped.js'

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** The probability p that an element is dropped, in `[0, 1]`. @defaultValue `0.5` */
  readonly rate?: number | undefined
}

/**
 * Makes random elements 0 and the others larger, so that on average nothing changes: noise on activations, for training. To evaluate,
 * leave it away.
 *
 * Elementwise, for independent masks m that are 1 with probability 1 − p:
 *
 *     y = m x / (1 − p)
 *
 * A pure function of the key: use another at every step, as `random.foldIn(key, step)`. Lazy, like `add` and `mul`, with the derivative
 * m / (1 − p). NaN where it is dropped is 0.
 *
 * Laws: linear in x; the mean over all keys is x; with p = 0 it is the identity, bit for bit, with p = 1 it is 0.
 *
 * @example
 * force(dropout(random.key(0), new Float32Array([1, 2, 3, 4, 5]))) // => Float32Array [0, 0, 6, 8, 0]
 *
 * @throws InvalidOption for what is no key, and when the rate is not in [0, 1].
 * @see Srivastava et al. (2014), Dropout: A Simple Way to Prevent Neural Networks from Overfitting,
 * {@link https://jmlr.org/papers/v15/srivastava14a.html}
 */
export const dropout = (key: Key, x: Operand, options: DropoutOptions = {}): Value => {
  const { rate } = withDefaults('dropout', options, { rate: 0.5 })
  return dropped('dropout', key, x, rate, shapeOf(x))
}
