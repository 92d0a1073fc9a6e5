import type { Operand, Value } from '@gradchain/core'
import { computed, matricesOf } from '../internal/matrices.js'
import { svdOf } from '../internal/svdOf.js'

/** What {@link svd} gives. */
export interface SvdResult {
  /** The left singular vectors, as the columns of U. */
  readonly u: Value
  /** The singular values s ≥ 0, from the largest to the smallest. */
  readonly s: Value
  /** The right singular vectors, as the rows of Vᵀ. */
  readonly vt: Value
}

/**
 * The singular value decomposition of a matrix, or of each of a stack of them, by Golub's and Kahan's bidiagonal form and implicit
 * QR sweeps, in float64.
 *
 *     A = U diag(s) Vᵀ,   Uᵀ U = Vᵀ V = I,   s₁ ≥ s₂ ≥ … ≥ 0
 *
 * Shapes: A is `[…, m, n]`, U `[…, m, k]`, s `[…, k]`, Vᵀ `[…, k, n]` with k = min(m, n). Residual and orthogonality are some 1e-14 of
 * the norm of A, of any rank and any magnitude; a singular value that is 0 may come out as a rounding error of the largest. With NaN
 * or infinity in A all of the result is NaN.
 *
 * Laws: U diag(s) Vᵀ is A; Uᵀ U and Vᵀ V are the identity; s does not change when A is transposed.
 *
 * @example
 * const { s } = svd(ndarray(new Float64Array([3, 0, 0, -4]), [2, 2]))
 * force(s) // => { dtype: 'float64', shape: [2], data: Float64Array [4, 3] }
 *
 * @throws InvalidTree for what is no matrix.
 * @see Golub and Van Loan (2013), algorithm 8.6.2; Demmel and Kahan (1990), Accurate singular values of bidiagonal matrices, for
 * the sweeps without a shift
 */
export const svd = (x: Operand): SvdResult => {
  const matrices = matricesOf('svd', 'x', x)
  const { rows, columns } = matrices
  const k = Math.min(rows, columns)
  const [u, s, vt] = computed('svd', [matrices], [[rows, k], [k], [k, columns]], (a) => {
    const found = svdOf(a as Float64Array, rows, columns)
    return [found.u, found.s, found.vt]
  })
  return { u, s, vt }
}
