import { InvalidTree, type Operand, show, type Value } from '@gradchain/core'
import { computed, matricesOf, squaresOf } from '../internal/matrices.js'
import { solveOf } from '../internal/solveOf.js'

/**
 * The solution X of A X = B, for a square matrix or each of a stack of them, by elimination with partial pivoting in float64, of a
 * matrix whose rows and columns were brought to like magnitudes before.
 *
 * Shapes: A is `[…, n, n]`, B and X are `[…, n, k]`. All of X is NaN where A is singular to working precision: where elimination meets
 * a pivot below n ε of the scaled matrix. So it is with NaN or infinity in A.
 *
 * Laws: A X is B; solving with the identity gives B; scaling rows of A and B alike changes nothing.
 *
 * @example
 * const a = ndarray(new Float64Array([2, 0, 0, 4]), [2, 2])
 * force(solve(a, ndarray(new Float64Array([2, 2]), [2, 1]))) // => { dtype: 'float64', shape: [2, 1], data: Float64Array [1, 0.5] }
 * const dependent = ndarray(new Float64Array([1, 2, 2, 4]), [2, 2])
 * force(solve(dependent, a)) // => { dtype: 'float64', shape: [2, 2], data: Float64Array [NaN, NaN, NaN, NaN] }
 *
 * @throws InvalidTree for an A that is no square matrix, and for a B whose rows, batch or dtype do not fit it.
 * @see Golub and Van Loan (2013), algorithm 3.4.1
 */
export const solve = (a: Operand, b: Operand): Value => {
  const left = squaresOf('solve', 'a', a)
  const right = matricesOf('solve', 'b', b)
  const n = left.rows
  if (right.rows !== n || show(right.batch) !== show(left.batch)) {
    const shapes = [left, right].map(({ batch, rows, columns }) => show([...batch, rows, columns]))
    throw new InvalidTree(
      `solve: b must have the batch and the rows of a, whose shape is ${shapes[0]}, got shape ${shapes[1]}`
    )
  }
  if (left.dtype !== right.dtype) {
    throw new InvalidTree(`solve: a and b must have the same dtype, got ${left.dtype} and ${right.dtype}`)
  }
  const k = right.columns
  const [x] = computed('solve', [left, right], [[n, k]], (matrix, side) => [
    solveOf(matrix as Float64Array, n, side as Float64Array, k)
  ])
  return x
}
