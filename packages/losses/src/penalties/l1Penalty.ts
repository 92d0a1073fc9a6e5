import type { Tree, Valid, Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * The sum of all magnitudes, to be added to a loss: what makes params 0.
 *
 *     Σ |x|        its gradient is the sign of x, and 0 at 0
 *
 * A lazy scalar, 0 for an empty tree. Gradient steps on it lead around 0 and not to it: {@link proximalL1} leads to it.
 *
 * Laws: ≥ 0; grows with the params; a tree and its flattened vector have the same, up to rounding.
 *
 * @example
 * read(l1Penalty({ w: new Float32Array([1, -2]), b: 0.5 })) // => 3.5
 * const loss = (w: Operand) => add(sumSquares(w), mul(0.5, l1Penalty(w)))
 * grad(loss)(new Float32Array([1, -2])) // => Float32Array [2.5, -4.5]
 *
 * @throws InvalidTree for what is no tree of arrays.
 * @see Tibshirani (1996), Regression Shrinkage and Selection via the Lasso,
 * {@link https://doi.org/10.1111/j.2517-6161.1996.tb02080.x}
 */
export const l1Penalty = <P>(params: Valid<P>): Value =>
  // What is valid is a tree.
  tree.norm(params as Tree, { ord: 1 })
