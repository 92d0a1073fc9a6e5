import {
  check,
  InvalidTree,
  nonNegativeInteger,
  type Operand,
  optional,
  positive,
  required,
  reshape,
  shapeOf,
  show,
  type Value,
  withDefaults
} from '@gradchain/core'
import { computed, matricesOf } from '../internal/matrices.js'
import { nnlsOf } from '../internal/nnlsOf.js'

/** Options of {@link nnls}. */
export interface NnlsOptions {
  /** How many steps are taken, a whole number ≥ 0. */
  readonly iters: number
  /** An upper bound L on the largest eigenvalue of Aᵀ A, finite and > 0. @defaultValue its Frobenius norm or its largest column sum, whichever is less */
  readonly L?: number | undefined
}

/**
 * Least squares with solutions that are not negative, by Polyak's fast projected gradient, in float64.
 *
 *     minimize ‖A X − B‖   with   X ≥ 0
 *
 * From x₀ = p₀ = 0 and c₀ = 0, for t = 1, 2, … iters:
 *
 *     xₜ = max(0, pₜ₋₁ − (Aᵀ A pₜ₋₁ − Aᵀ B) / L)
 *     cₜ = (1 + √(1 + 4 cₜ₋₁²)) / 2        pₜ = xₜ + (cₜ₋₁ − 1) / cₜ (xₜ − xₜ₋₁)
 *
 * Shapes: A is `[…, m, n]`, B `[…, m, k]` and X `[…, n, k]`; for one matrix B may be a vector `[m]`, and X is `[n]`. The distance of ‖A X − B‖² from its
 * least falls as 1/t² at least. With an A of zeros X is 0. NaN in A or B makes its X NaN.
 *
 * Laws: no element of X is negative; where the solution without that condition fulfils it, it is approached; scaling A and B alike changes
 * nothing; the columns of X do not know of each other.
 *
 * @example
 * const a = ndarray(new Float64Array([1, 2, 3, 4]), [2, 2])
 * force(nnls(a, new Float64Array([5, 6]), { iters: 1000 })) // => { dtype: 'float64', shape: [2], data: Float64Array [0, 1.7…] }
 *
 * @throws InvalidTree for an A that is no matrix, and for a B whose rows, batch or dtype do not fit it; InvalidOption for an option outside
 * its range.
 * @see Polyak (2015), Projected gradient method for non-negative least square, {@link https://www.ams.org/books/conm/636/}
 */
export const nnls = (a: Operand, b: Operand, options: NnlsOptions): Value => {
  const { iters, L } = withDefaults<NnlsOptions>('nnls', options, { iters: required, L: undefined })
  check('nnls', { iters }, nonNegativeInteger)
  check('nnls', { L }, optional(positive))
  const left = matricesOf('nnls', 'a', a)
  const { rows, columns, batch } = left
  const shape = shapeOf(b)
  const isVector = shape.length === 1
  const right = matricesOf('nnls', 'b', isVector ? reshape(b, [...shape, 1]) : b)
  if (right.rows !== rows || show(right.batch) !== show(batch)) {
    throw new InvalidTree(
      `nnls: b must have the batch and the rows of a, whose shape is ${show([...batch, rows, columns])}, got shape ${show(shape)}`
    )
  }
  if (left.dtype !== right.dtype) {
    throw new InvalidTree(`nnls: a and b must have the same dtype, got ${left.dtype} and ${right.dtype}`)
  }
  const k = right.columns
  const [x] = computed('nnls', [left, right], [isVector ? [columns] : [columns, k]], (matrix, side) => [
    nnlsOf(matrix as Float64Array, side as Float64Array, rows, columns, k, { iters, bound: L })
  ])
  return x
}
