import { InvalidOption, type Key, type Operand, show, type Value, withDefaults } from '@gradchain/core'
import { along, axisOf, dropped } from '../internal/dropped.js'

/** Options of {@link spatialDropout}. */
export interface SpatialDropoutOptions {
  /** The probability p that a channel is dropped, in `[0, 1]`. @defaultValue `0.5` */
  readonly rate?: number | undefined
  /** The axis of the examples, counted from the end when negative. @defaultValue `0` */
  readonly batchAxis?: number | undefined
  /** The axis of the channels, counted from the end when negative. @defaultValue `-1` */
  readonly channelAxis?: number | undefined
}

/**
 * Makes random channels 0, others in each example, and what is left larger: {@link dropout} for convolutions, whose neighbours tell each
 * other what was dropped.
 *
 *     y = m x / (1 − p)        with one m for all that has the same example and channel, 1 with probability 1 − p
 *
 * A pure function of the key. Lazy, like `add` and `mul`, with the derivative m / (1 − p).
 *
 * Laws: linear in x; the mean over all keys is x; a channel of an example is dropped as a whole or not at all; with p = 0 it is the
 * identity, bit for bit, with p = 1 it is 0.
 *
 * @example
 * // Two examples of two channels, of two places each.
 * const images = ndarray([1, 2, 1, 2, 3, 4, 3, 4], [2, 2, 2])
 * force(spatialDropout(random.key(3), images))
 * // => { dtype: 'float32', shape: [2, 2, 2], data: Float32Array [2, 0, 2, 0, 0, 0, 0, 0] }
 *
 * @throws InvalidOption for what is no key, when the rate is not in [0, 1], and for an axis that x has not, or twice the same.
 * @see Tompson et al. (2014), Efficient Object Localization Using Convolutional Networks, section 3.2,
 * {@link https://arxiv.org/abs/1411.4280}
 */
export const spatialDropout = (key: Key, x: Operand, options: SpatialDropoutOptions = {}): Value => {
  const { rate, batchAxis, channelAxis } = withDefaults('spatialDropout', options, {
    rate: 0.5,
    batchAxis: 0,
    channelAxis: -1
  })
  const axes = Object.entries({ batchAxis, channelAxis }).map(([name, axis]) => axisOf('spatialDropout', name, axis, x))
  if (axes[0] === axes[1]) {
    throw new InvalidOption(
      `spatialDropout: channelAxis must be another axis than batchAxis, got ${show(batchAxis)} and ${show(channelAxis)}`
    )
  }
  return dropped('spatialDropout', key, x, rate, along(x, axes))
}
