import { type Operand, type Value, where } from '@gradchain/core'
import { type AxisOptions, along } from '../internal/axes.js'
import { logSoftmaxOf } from '../internal/softmax.js'

/**
 * The logarithms of the probabilities that logits stand for, along an axis; what does not count has −∞.
 *
 *     log softmax(x)ᵢ = xᵢ − log Σ exp(xⱼ)
 *
 * The result has the shape of x.
 *
 * Laws: the exponentials sum up to 1; x + c has the same; large logits do not overflow.
 *
 * @example
 * force(logSoftmax(new Float64Array([0, 0, -Infinity]))) // => Float64Array [-0.6931471805599453, -0.6931471805599453, -Infinity]
 *
 * @throws InvalidTree for a number and for a mask that does not fit, InvalidOption for an axis that there is not.
 * @see klDivergence
 */
export const logSoftmax = (x: Operand, options: AxisOptions = {}): Value => {
  const of = along('logSoftmax', 'x', x, options)
  const result = logSoftmaxOf(of)
  return of.mask === null ? result : where(of.mask, result, -Infinity)
}
