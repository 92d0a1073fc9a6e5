import type { Operand, Value } from '@gradchain/core'
import { choleskyOf } from '../internal/choleskyOf.js'
import { computed, squaresOf } from '../internal/matrices.js'

/**
 * The Cholesky factor of a symmetric positive definite matrix, or of each of a stack of them, in float64.
 *
 *     A = L Lᵀ,   L lower triangular with a positive diagonal
 *
 * Shapes: A and L are `[…, n, n]`. The lower triangle of A is read, what stands above the diagonal is not. All of L is NaN where A is
 * not positive definite to working precision, or has NaN or infinity there.
 *
 * Laws: L Lᵀ is A; what stands above the diagonal of L is 0.
 *
 * @example
 * const l = cholesky(ndarray(new Float64Array([4, 2, 2, 5]), [2, 2]))
 * force(l) // => { dtype: 'float64', shape: [2, 2], data: Float64Array [2, 0, 1, 2] }
 * force(cholesky(ndarray(new Float64Array([-1]), [1, 1]))) // => { dtype: 'float64', shape: [1, 1], data: Float64Array [NaN] }
 *
 * @throws InvalidTree for what is no square matrix.
 * @see Golub and Van Loan (2013), Matrix Computations, algorithm 4.2.2
 */
export const cholesky = (x: Operand): Value => {
  const matrices = squaresOf('cholesky', 'x', x)
  const n = matrices.rows
  const [l] = computed('cholesky', [matrices], [[n, n]], (a) => [choleskyOf(a as Float64Array, n)])
  return l
}
