import { mul, type Tree, type Valid, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Half the sum of all squares, to be added to a loss: what makes params small.
 *
 *     ½ Σ x²        its gradient is x
 *
 * A lazy scalar, 0 for an empty tree. With plain SGD `mul(λ, l2Penalty(params))` in the loss and `addDecayedWeights(λ)` before the learning
 * rate are the same; with Adam they are not, for Adam divides the gradient of the penalty along with the rest.
 *
 * Laws: ≥ 0; grows with the params; a tree and its flattened vector have the same, up to rounding.
 *
 * @example
 * read(l2Penalty({ w: new Float32Array([1, -2]), b: 1 })) // => 3
 * grad((w: Operand) => l2Penalty(w))(new Float32Array([1, -2])) // => Float32Array [1, -2]
 *
 * @throws InvalidTree for what is no tree of arrays.
 * @see addDecayedWeights
 */
export const l2Penalty = <P>(params: Valid<P>): Value =>
  // What is valid is a tree.
  mul(0.5, tree.squaredNorm(params as Tree))
