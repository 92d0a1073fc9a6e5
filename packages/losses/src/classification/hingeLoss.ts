import { max, mul, type Operand, sub, type Value } from '@gradchain/core'
import { checkFit } from '../internal/operands.js'

/**
 * How much a prediction falls short of a margin of 1, elementwise: the loss of support vector machines.
 *
 * For the prediction f and the label y, −1 or 1:
 *
 *     ℓ = max(0, 1 − y f)
 *
 * Laws: ≥ 0; 0 beyond the margin; the gradient by f is −y within it and 0 beyond, half of both on it.
 *
 * @param predictorOutputs - f, an array, a number or an expression.
 * @param targets - y, of the same shape: −1 and 1.
 *
 * @example
 * force(hingeLoss(new Float32Array([2, 0.5, 0.5]), new Float32Array([1, 1, -1]))) // => Float32Array [0, 0.5, 1.5]
 *
 * @throws InvalidTree for arrays of different shapes: nothing is broadcast.
 */
export const hingeLoss = (predictorOutputs: Operand, targets: Operand): Value => {
  checkFit('hingeLoss', { predictorOutputs, targets })
  return max(0, sub(1, mul(predictorOutputs, targets)))
}
