import { check, type Operand, oneOf, type Value, withDefaults } from '@gradchain/core'
import { computed, matricesOf } from '../internal/matrices.js'
import { qrOf } from '../internal/qrOf.js'

/** Options of {@link qr}. */
export interface QrOptions {
  /**
   * How many columns Q has: `'reduced'` as many as there are rows or columns, whichever are fewer, `'complete'` as many as
   * there are rows. @defaultValue `'reduced'`
   */
  readonly mode?: 'reduced' | 'complete'
}

/** What {@link qr} gives. */
export interface QrResult {
  /** Q, whose columns are orthonormal. */
  readonly q: Value
  /** R, upper triangular. */
  readonly r: Value
}

/**
 * The QR decomposition of a matrix, or of each of a stack of them, by Householder's reflections, in float64.
 *
 *     A = Q R,   Qᵀ Q = I,   R upper triangular
 *
 * Shapes: A is `[…, m, n]`, Q `[…, m, k]` and R `[…, k, n]` with k = min(m, n), or m when complete. The signs are LAPACK's: what stands
 * on the diagonal of R has the sign opposite to the element that was eliminated into it. Any matrix has one, also one that is
 * not of full rank: Q is orthogonal all the same, to some 1e-15. NaN or infinity in A makes the columns from there on NaN.
 *
 * Laws: Q R is A; Qᵀ Q is the identity; scaling A scales R alone.
 *
 * @example
 * const { q, r } = qr(ndarray(new Float64Array([3, 0, 4, 5]), [2, 2]))
 * force({ q, r })
 * // => { q: { dtype: 'float64', shape: [2, 2], data: Float64Array [-0.6…, -0.8…, -0.8…, 0.6…] }, r: { dtype: 'float64', shape: [2, 2], data: Float64Array [-5, -4, 0, 3] } }
 *
 * @throws InvalidTree for what is no matrix; InvalidOption for another mode.
 * @see Golub and Van Loan (2013), algorithm 5.2.1
 */
export const qr = (x: Operand, options: QrOptions = {}): QrResult => {
  const { mode } = withDefaults<Required<QrOptions>>('qr', options, { mode: 'reduced' })
  check('qr', { mode }, oneOf('reduced', 'complete'))
  const matrices = matricesOf('qr', 'x', x)
  const { rows, columns } = matrices
  const width = mode === 'complete' ? rows : Math.min(rows, columns)
  const shapes = [
    [rows, width],
    [width, columns]
  ] as const
  const [q, r] = computed('qr', [matrices], shapes, (a) => {
    const factors = qrOf(a as Float64Array, rows, columns, width)
    return [factors.q, factors.r]
  })
  return { q, r }
}
