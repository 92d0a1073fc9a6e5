import { equal, mul, type Operand, type Value, where } from '@gradchain/core'
import { along, totalOf } from '../internal/axes.js'
import { checkFit, lifted } from '../internal/operands.js'
import { surpriseOf } from '../internal/softmax.js'

/**
 * {@link softmaxCrossEntropy} along the last axis in which what is impossible and did not happen costs nothing: a logit of −∞ at a
 * label of 0.
 *
 *     ℓ = −Σᵢ yᵢ log softmax(x)ᵢ          0 · (−∞) = 0
 *
 * One loss for each example: the result lacks the last axis.
 *
 * Laws: that of finite logits is {@link softmaxCrossEntropy}, and so is the gradient; value and gradient are finite where each label
 * of a logit of −∞ is 0.
 *
 * @param logits - x, an array or an expression.
 * @param labels - y, of the same shape.
 *
 * @example
 * const logits = new Float64Array([0, 0, -Infinity])
 * const labels = new Float64Array([1, 0, 0])
 * read(safeSoftmaxCrossEntropy(logits, labels)) // => 0.6931471805599453
 * grad((x: Operand) => sum(safeSoftmaxCrossEntropy(x, labels)))(logits) // => Float64Array [-0.5, 0.5, 0]
 *
 * @throws InvalidTree for arrays of different shapes.
 */
export const safeSoftmaxCrossEntropy = (logits: Operand, labels: Operand): Value => {
  const of = along('safeSoftmaxCrossEntropy', 'logits', logits, {})
  checkFit('safeSoftmaxCrossEntropy', { logits, labels })
  const y = lifted(labels)
  const surprise = surpriseOf(of)
  // Where the label is 0 and the logarithm finite, the loss still changes with the label.
  const isNothing = mul(equal(y, 0), equal(surprise, Infinity))
  return totalOf(mul(y, where(isNothing, 0, surprise)), of.axes)
}
