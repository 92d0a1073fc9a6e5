import { type Key, type Operand, type Value, withDefaults } from '@gradchain/core'
import { along, axisOf, dropped } from '../internal/dropped.js'

/** Options of {@link stochasticDepth}. */
export interface StochasticDepthOptions {
  /** The probability p that the branch is left out, in `[0, 1]`. @defaultValue `0.5` */
  readonly rate?: number | undefined
  /** The axis of the examples, counted from the end when negative; `null` for one decision for all. @defaultValue `0` */
  readonly batchAxis?: number | null | undefined
}

/**
 * Leaves out the branch of a residual block at random, and makes it larger where it is not: `add(x, stochasticDepth(key, f(x)))`.
 *
 *     y = m f / (1 − p)        with one m for each example, or for all, 1 with probability 1 − p
 *
 * To evaluate, leave it away: the mean is the branch. The paper multiplies with 1 − p then instead, and lets p grow with the depth, as
 * `rate: 0.5 * (i + 1) / blocks` does. A pure function of the key. Lazy, like `add` and `mul`.
 *
 * Laws: linear in f; the mean over all keys is f; an example is dropped as a whole or not at all; with p = 0 it is the identity, bit for
 * bit, with p = 1 it is 0.
 *
 * @param residual - what the branch gives, f.
 *
 * @example
 * force(stochasticDepth(random.key(0), ndarray([1, 2, 3, 4, 5, 6], [3, 2])))
 * // => { dtype: 'float32', shape: [3, 2], data: Float32Array [0, 0, 0, 0, 10, 12] }
 *
 * @throws InvalidOption for what is no key, when the rate is not in [0, 1], and for an axis that the residual has not.
 * @see Huang et al. (2016), Deep Networks with Stochastic Depth, {@link https://arxiv.org/abs/1603.09382}
 */
export const stochasticDepth = (key: Key, residual: Operand, options: StochasticDepthOptions = {}): Value => {
  const { rate, batchAxis } = withDefaults<Required<StochasticDepthOptions>>('stochasticDepth', options, {
    rate: 0.5,
    batchAxis: 0
  }) as { rate: number; batchAxis: number | null }
  const axes = batchAxis === null ? [] : [axisOf('stochasticDepth', 'batchAxis', batchAxis, residual)]
  return dropped('stochasticDepth', key, residual, rate, along(residual, axes))
}
