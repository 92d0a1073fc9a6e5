import type { Operand, Value } from '@gradchain/core'
import { type AxisOptions, along } from '../internal/axes.js'
import { crossEntropyOf } from '../internal/crossEntropy.js'
import { checkFit } from '../internal/operands.js'

/**
 * The cross entropy of one choice among classes, along an axis, out of logits and the probability of each class.
 *
 *     ℓ = −Σᵢ yᵢ log softmax(x)ᵢ
 *
 * One loss for each example: the result lacks the axis. A logit of −∞ gives NaN, also where its label is 0;
 * {@link safeSoftmaxCrossEntropy} does not. For numbers of classes there is {@link softmaxCrossEntropyWithIntegerLabels}.
 *
 * Laws: ≥ 0, for labels ≥ 0; x + c has the same; the gradient by x is softmax(x) − y, for labels that sum up to 1; large logits do not
 * overflow; elements that do not count may be left out.
 *
 * @param logits - x, an array or an expression.
 * @param labels - y, of the same shape.
 *
 * @example
 * const logits = ndarray([0, 0, 2, 0, 0, 0], [2, 3])
 * force(softmaxCrossEntropy(logits, ndarray([0, 0, 1, 0.5, 0.5, 0], [2, 3]))) // => Float32Array [0.239…, 1.098…]
 *
 * @throws InvalidTree for arrays of different shapes, and for a mask of another; InvalidOption for an axis that there is not.
 */
export const softmaxCrossEntropy = (logits: Operand, labels: Operand, options: AxisOptions = {}): Value => {
  const of = along('softmaxCrossEntropy', 'logits', logits, options)
  checkFit('softmaxCrossEntropy', { logits, labels })
  return crossEntropyOf(of, labels)
}
