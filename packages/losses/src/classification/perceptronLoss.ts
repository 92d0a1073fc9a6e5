import { max, mul, neg, type Operand, type Value } from '@gradchain/core'
import { checkFit } from '../internal/operands.js'

/**
 * How far a prediction is on the wrong side, elementwise: the loss of the perceptron.
 *
 * For the prediction f and the label y, −1 or 1:
 *
 *     ℓ = max(0, −y f)
 *
 * Laws: ≥ 0; 0 on the right side; c f has c times the loss of f, for c ≥ 0.
 *
 * @param predictorOutputs - f, an array, a number or an expression.
 * @param targets - y, of the same shape: −1 and 1.
 *
 * @example
 * force(perceptronLoss(new Float32Array([2, 0.5]), new Float32Array([1, -1]))) // => Float32Array [0, 0.5]
 *
 * @throws InvalidTree for arrays of different shapes: nothing is broadcast.
 */
export const perceptronLoss = (predictorOutputs: Operand, targets: Operand): Value => {
  checkFit('perceptronLoss', { predictorOutputs, targets })
  return max(0, mul(neg(predictorOutputs), targets))
}
