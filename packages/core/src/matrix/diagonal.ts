import { InvalidTree, show } from '../errors.js'
import { type Expr, type Operand, shapeOf } from '../expression/expr.js'
import { broadcast, reshape, sum, where } from '../expression/operations.js'
import { identityMatrix } from './identityMatrix.js'
import { matrixOf } from './matrixOf.js'

/**
 * The elements on the diagonal of a square matrix, or of each matrix of a batch, lazily. −0 becomes +0.
 *
 * Laws: the diagonal of a {@link diagonalMatrix} is the vector; that of a transpose is the same.
 *
 * @example
 * force(diagonal(ndarray([1, 2, 3, 4], [2, 2]))) // => { dtype: 'float32', shape: [2], data: Float32Array [1, 4] }
 * read(sum(diagonal(ndarray([1, 2, 3, 4], [2, 2])))) // => 5
 *
 * @throws InvalidTree for what is no square matrix.
 * @see diagonalMatrix
 */
export const diagonal = (x: Operand): Expr => {
  const matrix = matrixOf('diagonal', 'x', x)
  const shape = shapeOf(matrix)
  const [n, columns] = shape.slice(-2) as [number, number]
  if (n !== columns) throw new InvalidTree(`diagonal: x must be square, got an array of shape ${show(shape)}`)
  const ones = identityMatrix(n, matrix.dtype)
  const stretched = broadcast(reshape(ones, [...shape.slice(0, -2).map(() => 1), n, n]), shape)
  return reshape(sum(where(stretched, matrix, 0), [shape.length - 1]), shape.slice(0, -1))
}
