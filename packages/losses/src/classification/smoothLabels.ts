import {
  add,
  check,
  div,
  inClosedUnitInterval,
  max,
  mul,
  notEqual,
  type Operand,
  sum,
  type Value
} from '@gradchain/core'
import { type AxisOptions, along, stretched } from '../internal/axes.js'

/**
 * Labels that are less certain: a share of each goes to all classes alike, along an axis.
 *
 *     (1 − α) y + α / K          for K classes, those that count
 *
 * The result has the shape of the labels.
 *
 * Laws: α = 0 is the identity, α = 1 the same for all classes; what sums up to 1 still does, where all count.
 *
 * @param labels - y, an array or an expression.
 * @param alpha - α, in `[0, 1]`.
 *
 * @example
 * force(smoothLabels(new Float64Array([0, 1, 0, 0]), 0.5)) // => Float64Array [0.125, 0.625, 0.125, 0.125]
 *
 * @throws InvalidTree for a number and for a mask that does not fit; InvalidOption for an axis that there is not, and when alpha is not
 * in `[0, 1]`.
 * @see Müller et al. (2019), When Does Label Smoothing Help?, {@link https://arxiv.org/abs/1906.02629}
 */
export const smoothLabels = (labels: Operand, alpha: number, options: AxisOptions = {}): Value => {
  check('smoothLabels', { alpha }, inClosedUnitInterval)
  const { x, shape, axes, mask } = along('smoothLabels', 'labels', labels, options)
  const classes = axes.reduce((product, axis) => product * (shape[axis] as number), 1)
  // Where nothing counts, there is nothing to divide among.
  const share = mask === null ? alpha / classes : stretched(div(alpha, max(1, sum(notEqual(mask, 0), axes))), shape)
  return add(mul(1 - alpha, x), share)
}
