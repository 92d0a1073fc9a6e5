import {
  broadcast,
  type Expr,
  InvalidTree,
  identityMatrix,
  matmul,
  type Operand,
  reshape,
  shapeOf,
  show,
  sub,
  sumSquares,
  type Value
} from '@gradchain/core'

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
 * @see Brock et al. (2017), Neural Photo Editing with Introspective Adversarial Networks,
 * {@link https://arxiv.org/abs/1609.07093}; Bansal et al. (2018), Can We Gain More from Orthogonality Regularizations in Training
 * Deep CNNs?, {@link https://arxiv.org/abs/1810.09102}
 */
export const orthogonalPenalty = (x: Operand): Value => {
  const shape = shapeOf(x)
  if (shape.length < 2) {
    const got = shape.length === 0 ? 'a number' : `shape ${show(shape)}`
    throw new InvalidTree(`orthogonalPenalty: x must be a matrix, got ${got}`)
  }
  const [rows, columns] = shape.slice(-2) as [number, number]
  const batch = shape.slice(0, -2)
  const gram = matmul(x, x, rows > columns ? { transposeA: true } : { transposeB: true })
  const side = Math.min(rows, columns)
  const identity = identityMatrix(side, gram.dtype)
  return sumSquares(sub(gram, batch.length === 0 ? identity : repeated(identity, batch, side)))
}

const repeated = (x: Expr, batch: readonly number[], side: number): Value =>
  broadcast(reshape(x, [...batch.map(() => 1), side, side]), [...batch, side, side])
