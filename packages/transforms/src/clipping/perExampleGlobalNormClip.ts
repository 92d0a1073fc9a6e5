import { check, type Leaf, type Tree, type Valid } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { clipNorm, countClipped, examplesOf, multipliersOf, normsOf, weightedSum } from '../internal/examples.js'

/**
 * Shortens the gradient of each example to a maximal length, then adds them up: what differential privacy asks for.
 *
 * The first axis of every leaf is that of the examples. For the gradient gᵢ of example i, all leaves together, and C = l2NormClip:
 *
 *     Σᵢ gᵢ · min(1, C / ‖gᵢ‖)           ‖gᵢ‖ = √Σgᵢ², over all elements of all leaves
 *
 * The result is a pair: the sum, a tree like the gradients whose leaves have lost their first axis (a bare vector becomes a number,
 * a matrix a bare vector), and how many examples were shortened. It is computed at once, in float64, and rounded to the dtype of
 * the leaf. An example of zeros counts as not shortened, and a NaN in one is not hidden: it is in the sum.
 *
 * Laws: the norm of the sum is at most C times the number of examples; with C = ∞ it is the plain sum and nothing is shortened;
 * the order of the examples does not matter, up to rounding.
 *
 * @param grads - the gradients, with the examples along the first axis of every leaf.
 * @param l2NormClip - the largest norm C, ≥ 0; `Infinity` is none.
 *
 * @example
 * const grads = [ndarray([0, 0, 0, 0, 3, 4, 4, 0, 3, 3, 4, 0], [4, 3])]
 * perExampleGlobalNormClip(grads, Infinity) // => [[Float32Array [7, 7, 7]], 0]
 * perExampleGlobalNormClip(grads, 1.25) // => [[Float32Array [1.75, 1.75, 1.75]], 3]
 *
 * @throws InvalidOption when l2NormClip is not a number ≥ 0; InvalidTree with the path, for a leaf without axes and for one with
 * another number of examples.
 * @see Abadi et al. (2016), algorithm 1, {@link https://arxiv.org/abs/1607.00133}
 * @see perExampleLayerNormClip
 */
export const perExampleGlobalNormClip = <P>(
  grads: Valid<P>,
  l2NormClip: number
): readonly [clippedSum: Tree<Leaf>, numClipped: number] => {
  check('perExampleGlobalNormClip', { l2NormClip }, clipNorm)
  // What is valid is a tree.
  const given = grads as Tree
  const leaves = examplesOf('perExampleGlobalNormClip', given)
  const multipliers = multipliersOf(normsOf(leaves), l2NormClip)
  const sums = leaves.map((leaf) => weightedSum(leaf, multipliers))
  return [tree.unflatten(given, sums), countClipped(multipliers)]
}
