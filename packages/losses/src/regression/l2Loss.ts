import { mul, type Operand, square, sub, type Value } from '@gradchain/core'
import { checkFit } from '../internal/operands.js'

/**
 * Half of the squared difference between predictions and targets, elementwise: its slope is the difference.
 *
 *     ℓ = ½ (p − t)²
 *
 * Without targets it is that of the errors themselves, ℓ = ½ p².
 *
 * Laws: ≥ 0; 0 where both are the same; symmetric; half of {@link squaredError}; the gradient by p is p − t.
 *
 * @param predictions - p, an array, a number or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * force(l2Loss(new Float32Array([1, 4]), new Float32Array([1, 2]))) // => Float32Array [0, 2]
 *
 * @throws InvalidTree for arrays of different shapes: nothing is broadcast.
 */
export const l2Loss = (predictions: Operand, targets: Operand = 0): Value => {
  checkFit('l2Loss', { predictions, targets })
  return mul(0.5, square(sub(predictions, targets)))
}
