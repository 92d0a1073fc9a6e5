import { boolean, check, type Leaf, type Tree, type Valid, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { clipNorm, countClipped, examplesOf, multipliersOf, normsOf, weightedSum } from '../internal/examples.js'

/** Options of {@link perExampleLayerNormClip}. */
export interface PerExampleLayerNormClipOptions {
  /** Whether all leaves have the same bound; otherwise it grows with their size. @defaultValue `true` */
  readonly uniform?: boolean
}

/**
 * Shortens, leaf by leaf, the gradient of each example to a maximal length, then adds them up.
 *
 * The first axis of every leaf is that of the examples. For the gradient gᵢ of example i in one of K leaves, with D of all N
 * elements of an example, and C = globalL2NormClip:
 *
 *     Σᵢ gᵢ · min(1, c / ‖gᵢ‖)           c = C √(1 / K), or C √(D / N) when not uniform
 *
 * so that ‖gᵢ‖ over all leaves is at most C. The result is a pair: the tree of sums, in which leaves have lost their first axis, and
 * a tree of how many examples were shortened in each. Otherwise it is as {@link perExampleGlobalNormClip}.
 *
 * Laws: on a single leaf it is {@link perExampleGlobalNormClip}; with C = ∞ it is the plain sum; each leaf depends on the others
 * only in its bound.
 *
 * @param grads - the gradients, with the examples along the first axis of every leaf.
 * @param globalL2NormClip - the largest norm C of all leaves together, ≥ 0; `Infinity` is none.
 *
 * @example
 * const grads = { w: ndarray([0, 3, 0, 1], [2, 2]), b: ndarray([8, 0, 0, 0], [2, 2]) }
 * perExampleLayerNormClip(grads, Math.SQRT2 * 2) // => [{ w: Float32Array [0, 3], b: Float32Array [2, 0] }, { w: 1, b: 1 }]
 *
 * @throws InvalidOption for an option outside its range; InvalidTree with the path, for a leaf without axes and for one with another
 * number of examples.
 * @see McMahan et al. (2018), Learning Differentially Private Recurrent Language Models, section 3,
 * {@link https://arxiv.org/abs/1710.06963}
 */
export const perExampleLayerNormClip = <P>(
  grads: Valid<P>,
  globalL2NormClip: number,
  options: PerExampleLayerNormClipOptions = {}
): readonly [clippedSums: Tree<Leaf>, numClipped: Tree<number>] => {
  const { uniform } = withDefaults<Required<PerExampleLayerNormClipOptions>>('perExampleLayerNormClip', options, {
    uniform: true
  })
  check('perExampleLayerNormClip', { globalL2NormClip }, clipNorm)
  check('perExampleLayerNormClip', { uniform }, boolean)
  // What is valid is a tree.
  const given = grads as Tree
  const leaves = examplesOf('perExampleLayerNormClip', given)
  const total = leaves.reduce((sum, { size }) => sum + size, 0)
  const clipped = leaves.map((leaf) => {
    const share = uniform ? 1 / leaves.length : leaf.size / total
    const multipliers = multipliersOf(normsOf([leaf]), globalL2NormClip * Math.sqrt(share))
    return { sum: weightedSum(leaf, multipliers), count: countClipped(multipliers) }
  })
  const sums = clipped.map(({ sum }) => sum)
  const counts = clipped.map(({ count }) => count)
  return [tree.unflatten(given, sums), tree.unflatten(given, counts)]
}
