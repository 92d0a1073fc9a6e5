import { castLike, type Operand, type Value } from '@gradchain/core'
import { between, softplusPair } from '../internal/logistic.js'
import { checkFit } from '../internal/operands.js'

/**
 * The cross entropy of independent yes-or-no questions, elementwise, out of logits: for labels that do not exclude each other.
 *
 * For the logit x and the label y in [0, 1]:
 *
 *     ℓ = −y log σ(x) − (1 − y) log(1 − σ(x))          σ(x) = 1 / (1 + e⁻ˣ)
 *
 * Labels are taken in the dtype of the logits.
 *
 * Laws: ≥ 0; that of −x and 1 − y is the same; the gradient by x is σ(x) − y; large logits do not overflow.
 *
 * @param logits - x, an array, a number or an expression.
 * @param labels - y, of the same shape.
 *
 * @example
 * force(sigmoidBinaryCrossEntropy(new Float64Array([0, 1000]), new Float64Array([1, 0]))) // => Float64Array [0.6931471805599453, 1000]
 *
 * @throws InvalidTree for arrays of different shapes: nothing is broadcast.
 */
export const sigmoidBinaryCrossEntropy = (logits: Operand, labels: Operand): Value => {
  checkFit('sigmoidBinaryCrossEntropy', { logits, labels })
  const [no, yes] = softplusPair(logits)
  return between(castLike(labels, logits), yes, no)
}
