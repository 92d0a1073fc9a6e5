import {
  broadcast,
  type Expr,
  identityMatrix,
  matmul,
  type Operand,
  reshape,
  sub,
  sumSquares,
  type Value
} from '@gradchain/core'
import { matricesOf } from '../internal/matrices.js'

/**
 * How far a matrix is from having orthonormal columns, or rows where it is wide; of a stack of matrices the sum. An expression, so that it
 * can be added to a loss and differentiated with it.
 *
 *     ‖Wᵀ W − I‖²      or ‖W Wᵀ − I‖², whichever is smaller
 *
 * Shapes: W is `[…, m, n]`; a number comes out. Its gradient is 4 W (Wᵀ W − I).
 *
 * Laws: ≥ 0; 0 where the singular values are all 1, and Σ (σ² − 1)² anywhere; the same for the transpose.
 *
 * @example
 * const w = ndarray(new Float64Array([2, 0, 0, 1]), [2, 2])
 * read(orthogonalPenalty(w)) // => 9
 * const penalty = ({ w }: { readonly w: Operand }) => orthogonalPenalty(w)
 * grad(penalty)({ w }) // => { w: { dtype: 'float64', shape: [2, 2], data: Float64Array [24, 0, 0, 0] } }
 *
 * @throws InvalidTree for what is no matrix.
 * @see Brock et al. (2017), {@link https://arxiv.org/abs/1609.07093}; Bansal et al. (2018), {@link https://arxiv.org/abs/1810.09102}
 */
export const orthogonalPenalty = (x: Operand): Value => {
  const { node, batch, rows, columns } = matricesOf('orthogonalPenalty', 'x', x)
  const gram = matmul(node, node, rows > columns ? { transposeA: true } : { transposeB: true })
  const side = Math.min(rows, columns)
  const identity = identityMatrix(side, gram.dtype)
  return sumSquares(sub(gram, batch.length === 0 ? identity : repeated(identity, batch, side)))
}

const repeated = (x: Expr, batch: readonly number[], side: number): Value =>
  broadcast(reshape(x, [...batch.map(() => 1), side, side]), [...batch, side, side])
