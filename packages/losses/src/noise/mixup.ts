import {
  add,
  check,
  evaluatedLike,
  type Key,
  mul,
  nonNegative,
  type Operand,
  type Same,
  type Tree,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { examplesIn, permuted } from '../internal/permuted.js'

/** Options of {@link mixup}. */
export interface MixupOptions {
  /** The shape α of the beta distribution of λ, finite and ≥ 0: small ones mix little, 1 uniformly, 0 not at all. @defaultValue `0.2` */
  readonly alpha?: number | undefined
}

/** A batch as {@link mixup} gives it. */
export interface Mixup<P> {
  /** The mixed examples, with inputs and targets as they were given. */
  readonly batch: P
  /** The share λ of the first of each two. */
  readonly lambda: number
  /** Which example each was mixed with. */
  readonly order: Uint32Array
}

/**
 * Mixes every example of a batch with another, inputs and targets alike, so that a model learns to go straight from one to the other.
 *
 *     x̃ᵢ = λ xᵢ + (1 − λ) x_π(i)        for λ of a beta distribution of shapes α and α, and a random order π
 *
 * All leaves of the batch are mixed in the same way, along their first axis: targets must be numbers or distributions, such as one-hot
 * labels. Arrays give arrays of the same dtype, expressions give expressions. A pure function of the key.
 *
 * Laws: the mean of the examples stays, up to rounding; a leaf of equal examples stays; with α = 0 it is the identity, bit for bit; labels
 * that sum to 1 sum to 1.
 *
 * @param batch - a tree of arrays, with the examples along the first axis of each.
 *
 * @example
 * const { batch, lambda } = mixup(random.key(4), { x: new Float32Array([1, 2, 3]) }, { alpha: 1 })
 * lambda.toFixed(3) // => '0.140'
 * batch.x // => Float32Array [1.8595…, 1.1404…, 3]
 *
 * @throws InvalidOption for what is no key, and for an alpha that is not finite and ≥ 0; InvalidTree with the path, for a number, and for a
 * leaf with another number of examples.
 * @see Zhang et al. (2017), mixup: Beyond Empirical Risk Minimization, {@link https://arxiv.org/abs/1710.09412}
 */
export const mixup = <P>(key: Key, batch: P, options: MixupOptions = {}): Mixup<Same<P>> => {
  const { alpha } = withDefaults('mixup', options, { alpha: 0.2 })
  check('mixup', { alpha }, nonNegative)
  // What is given is a tree, or is refused here.
  const count = examplesIn('mixup', batch as Tree)
  const [forShare, forOrder] = random.split(key)
  const lambda = alpha === 0 ? 1 : (random.beta(forShare, alpha, alpha, [], { dtype: 'float64' }).data[0] as number)
  const order = random.permutation(forOrder, count)
  const mixed = evaluatedLike('mixup', batch, (values) =>
    tree.map((x: Operand) => (lambda === 1 ? x : add(mul(lambda, x), mul(1 - lambda, permuted(x, order)))), values)
  )
  return { batch: mixed, lambda, order }
}
