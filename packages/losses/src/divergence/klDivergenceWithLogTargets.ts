import { equal, exp, mul, type Operand, sub, type Value, where } from '@gradchain/core'
import { type AxisOptions, along, totalOf } from '../internal/axes.js'
import { checkFit, lifted } from '../internal/operands.js'

/**
 * {@link klDivergence} with the targets given by their logarithms, too.
 *
 *     ℓ = Σᵢ exp(log tᵢ) (log tᵢ − log pᵢ)          0 log 0 = 0
 *
 * One loss for each example: the result lacks the axis. A target of 0, whose logarithm is −∞, adds 0, and its gradient is 0.
 *
 * Laws: that of klDivergence for exp(log t), up to rounding.
 *
 * @param logPredictions - log p, an array or an expression.
 * @param logTargets - log t, of the same shape.
 *
 * @example
 * read(klDivergenceWithLogTargets(new Float64Array([-1, -1]), new Float64Array([0, -Infinity]))) // => 1
 *
 * @throws InvalidTree for arrays of different shapes, and for a mask of another; InvalidOption for an axis that there is not.
 */
export const klDivergenceWithLogTargets = (
  logPredictions: Operand,
  logTargets: Operand,
  options: AxisOptions = {}
): Value => {
  const { x, axes, mask } = along('klDivergenceWithLogTargets', 'logPredictions', logPredictions, options)
  checkFit('klDivergenceWithLogTargets', { logPredictions, logTargets })
  const t = lifted(logTargets)
  const terms = where(equal(t, -Infinity), 0, mul(exp(t), sub(t, x)))
  return totalOf(mask === null ? terms : where(mask, terms, 0), axes)
}
