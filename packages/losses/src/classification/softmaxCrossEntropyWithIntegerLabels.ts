import { type Operand, sub, type Value, where } from '@gradchain/core'
import { type AxisOptions, along, anyOf, squeezed, totalOf } from '../internal/axes.js'
import { type ClassLabels, oneHotOf } from '../internal/indices.js'
import { softmaxParts } from '../internal/softmax.js'

/**
 * The cross entropy of one choice among classes, along an axis, out of logits and the number of the right class.
 *
 *     ℓ = −log softmax(x)_y = log Σᵢ exp(xᵢ) − x_y
 *
 * One loss for each example: the result lacks the axis. Along several axes the classes are counted in row-major order of these. An
 * example of which nothing counts has the loss 0.
 *
 * Laws: that of {@link softmaxCrossEntropy} for labels that are 1 at the right class and 0 elsewhere; the gradient by x is softmax(x)
 * less these; large logits do not overflow.
 *
 * @param logits - x, an array or an expression.
 * @param labels - y, whole numbers shaped as the logits without the axis.
 *
 * @example
 * const logits = ndarray([0, 0, 2, 0, 0, 0], [2, 3])
 * force(softmaxCrossEntropyWithIntegerLabels(logits, [2, 0])) // => Float32Array [0.239…, 1.098…]
 * softmaxCrossEntropyWithIntegerLabels(logits, [2, 3])
 * // => throws InvalidOption: softmaxCrossEntropyWithIntegerLabels: labels[1] must be a whole number from 0 to 2, got 3
 *
 * @throws InvalidTree for labels or a mask that do not fit; InvalidOption for a label that is the number of no class, and for an axis
 * that there is not.
 */
export const softmaxCrossEntropyWithIntegerLabels = (
  logits: Operand,
  labels: ClassLabels,
  options: AxisOptions = {}
): Value => {
  const of = along('softmaxCrossEntropyWithIntegerLabels', 'logits', logits, options)
  const right = oneHotOf('softmaxCrossEntropyWithIntegerLabels', labels, of.x, of.axes)
  const { shifted, logTotal } = softmaxParts(of)
  const loss = sub(squeezed(logTotal, of.axes), totalOf(where(right, shifted, 0), of.axes))
  return of.mask === null ? loss : where(anyOf(of.mask, of.axes), loss, 0)
}
