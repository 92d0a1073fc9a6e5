import type { Operand, Value } from '@gradchain/core'
import { computed, squaresOf } from '../internal/matrices.js'
import { solveOf } from '../internal/solveOf.js'

/**
 * The inverse of a square matrix, or of each of a stack of them, by elimination as in {@link solve}, in float64. To solve a system,
 * solve it: that is cheaper and more accurate than a product with the inverse.
 *
 *     A A⁻¹ = I
 *
 * Shapes: A and A⁻¹ are `[…, n, n]`. All NaN where A is singular to working precision, or has NaN or infinity.
 *
 * Laws: A A⁻¹ is the identity; the inverse of the inverse is A.
 *
 * @example
 * const a = ndarray(new Float64Array([2, 1, 0, 4]), [2, 2])
 * force(inverse(a)) // => { dtype: 'float64', shape: [2, 2], data: Float64Array [0.5, -0.125, 0, 0.25] }
 *
 * @throws InvalidTree for what is no square matrix.
 * @see solve
 */
export const inverse = (x: Operand): Value => {
  const matrices = squaresOf('inverse', 'x', x)
  const n = matrices.rows
  const [found] = computed('inverse', [matrices], [[n, n]], (a) => {
    const identity = new Float64Array(n * n)
    for (let i = 0; i < n; i++) identity[i * n + i] = 1
    return [solveOf(a as Float64Array, n, identity, n)]
  })
  return found
}
