import type { Expr, Operand } from '../expression/expr.js'
import { broadcast, reshape, where } from '../expression/operations.js'
import { identityMatrix } from './identityMatrix.js'
import { vectorOf } from './matrixOf.js'

/**
 * The square matrix with a vector on its diagonal and zeros elsewhere, lazily.
 *
 * Laws: its {@link diagonal} is the vector.
 *
 * @example
 * force(diagonalMatrix(new Float32Array([2, NaN])))
 * // => { dtype: 'float32', shape: [2, 2], data: Float32Array [2, 0, 0, NaN] }
 *
 * @throws InvalidTree for what is no vector.
 * @see diagonal
 * @see identityMatrix
 */
export const diagonalMatrix = (x: Operand): Expr => {
  const vector = vectorOf('diagonalMatrix', 'x', x)
  const n = vector.size
  return where(identityMatrix(n, vector.dtype), broadcast(reshape(vector, [1, n]), [n, n]), 0) as Expr
}
