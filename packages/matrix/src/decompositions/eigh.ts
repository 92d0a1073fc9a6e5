import type { Operand, Value } from '@gradchain/core'
import { eighOf } from '../internal/eighOf.js'
import { computed, squaresOf } from '../internal/matrices.js'

/** What {@link eigh} gives. */
export interface EighResult {
  /** The eigenvalues w, from the smallest to the largest. */
  readonly values: Value
  /** Orthonormal eigenvectors, the columns of V in the same order. */
  readonly vectors: Value
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, or of each of a stack of them, by Householder's tridiagonal form and
 * implicit QL and QR sweeps, in float64.
 *
 *     A = V diag(w) Vᵀ,   Vᵀ V = I,   w₁ ≤ w₂ ≤ …
 *
 * Shapes: A is `[…, n, n]`, w `[…, n]`, V `[…, n, n]`. It is the symmetric part (A + Aᵀ) / 2 that is decomposed, so that rounding that
 * made A a little unsymmetric does no harm. Residual and orthogonality are some 1e-14 of the norm of A; the magnitude of A does
 * not matter, from the smallest numbers to the largest. Eigenvectors are determined up to their sign, and those of equal eigenvalues
 * up to a rotation. With NaN or infinity in A all of the result is NaN.
 *
 * Laws: V diag(w) Vᵀ is the symmetric part of A; Vᵀ V is the identity; Σ w is the trace.
 *
 * @example
 * const { values } = eigh(ndarray(new Float64Array([3, 0, 0, -1]), [2, 2]))
 * force(values) // => { dtype: 'float64', shape: [2], data: Float64Array [-1, 3] }
 *
 * @throws InvalidTree for what is no square matrix.
 * @see Golub and Van Loan (2013), section 8.3
 */
export const eigh = (x: Operand): EighResult => {
  const matrices = squaresOf('eigh', 'x', x)
  const n = matrices.rows
  const [values, vectors] = computed('eigh', [matrices], [[n], [n, n]], (a) => {
    const found = eighOf(a as Float64Array, n)
    return [found.values, found.vectors]
  })
  return { values, vectors }
}
