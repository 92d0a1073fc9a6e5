import { add, type Operand, type Value } from '@gradchain/core'
import { type AxisOptions, along, squeezed } from '../internal/axes.js'
import { softmaxParts } from '../internal/softmax.js'

/**
 * The logarithm of a sum of exponentials, along an axis: a maximum that is smooth.
 *
 *     log Σ exp(xᵢ)
 *
 * The result lacks the axis; it is −∞ where no element counts.
 *
 * Laws: ≥ max x; x + c has c more; the gradient is softmax; large elements do not overflow.
 *
 * @example
 * read(logSumExp(new Float64Array([1000, 1000]))) // => 1000.6931471805599
 *
 * @throws InvalidTree for a number and for a mask that does not fit, InvalidOption for an axis that there is not.
 * @see makeFenchelYoungLoss
 */
export const logSumExp = (x: Operand, options: AxisOptions = {}): Value => {
  const of = along('logSumExp', 'x', x, options)
  const { largest, logTotal } = softmaxParts(of)
  return squeezed(add(logTotal, largest), of.axes)
}
