import { type Operand, square, sub, type Value } from '@gradchain/core'
import { checkFit } from '../internal/operands.js'

/**
 * The squared difference between predictions and targets, elementwise.
 *
 *     ℓ = (p − t)²
 *
 * Without targets it is that of the errors themselves, ℓ = p². It is twice {@link l2Loss}.
 *
 * Laws: ≥ 0; 0 where both are the same; symmetric; elementwise.
 *
 * @param predictions - p, an array, a number or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * force(squaredError(new Float32Array([1, 4]), new Float32Array([1, 2]))) // => Float32Array [0, 4]
 * grad((p: Operand) => mean(squaredError(p, 1)))(new Float32Array([3, 1])) // => Float32Array [2, 0]
 *
 * @throws InvalidTree for arrays of different shapes: nothing is broadcast.
 */
export const squaredError = (predictions: Operand, targets: Operand = 0): Value => {
  checkFit('squaredError', { predictions, targets })
  return square(sub(predictions, targets))
}
