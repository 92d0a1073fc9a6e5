import { evaluatedLike, type Key, type Operand, type Same, shapeOf, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dropped } from '../internal/dropped.js'

/** Options of {@link dropConnect}. */
export interface DropConnectOptions {
  /** The probability p that a weight is dropped, in `[0, 1]`. @defaultValue `0.5` */
  readonly rate?: number | undefined
}

/**
 * Makes random weights 0 and the others larger, for training: {@link dropout} of the connections of a network in place of what goes
 * through them.
 *
 * Elementwise on every leaf, for independent masks m that are 1 with probability 1 − p:
 *
 *     y = m w / (1 − p)
 *
 * A pure function of the key, of which each leaf gets its own. Arrays give arrays of the same dtype, expressions give expressions. Leave
 * biases out where they are to stay: it is given the weights that it may drop.
 *
 * Laws: linear in w; the mean over all keys is w; with p = 0 it is the identity, with p = 1 it is 0.
 *
 * @example
 * dropConnect(random.key(0), { kernel: new Float32Array([1, 2, 3, 4]) }, { rate: 0.25 }) // => { kernel: Float32Array [0, 2.6666…, 4, 5.3333…] }
 *
 * @throws InvalidOption for what is no key, and when the rate is not in [0, 1]; InvalidTree for what is no tree of arrays.
 * @see Wan et al. (2013), Regularization of Neural Networks using DropConnect,
 * {@link https://proceedings.mlr.press/v28/wan13.html}
 */
export const dropConnect = <P>(key: Key, weights: P, options: DropConnectOptions = {}): Same<P> => {
  const { rate } = withDefaults('dropConnect', options, { rate: 0.5 })
  return evaluatedLike('dropConnect', weights, (values) => {
    const keys = tree.splitKeyLike(key, values)
    return tree.map((w: Operand, own: Key) => dropped('dropConnect', own, w, rate, shapeOf(w)), values, keys)
  })
}
