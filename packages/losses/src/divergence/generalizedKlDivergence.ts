import { add, exp, type Operand, sub, type Value, where } from '@gradchain/core'
import { type AxisOptions, along, totalOf } from '../internal/axes.js'
import { divergenceTerms } from '../internal/divergence.js'
import { checkFit } from '../internal/operands.js'

/**
 * The Kullback–Leibler divergence of what need not sum up to 1, along an axis.
 *
 *     ℓ = Σᵢ tᵢ (log tᵢ − log pᵢ) + pᵢ − tᵢ          0 log 0 = 0
 *
 * The predictions are given by their logarithms. One loss for each example: the result lacks the axis.
 *
 * Laws: ≥ 0, up to rounding; 0 where both are the same; that of probabilities is {@link klDivergence}; the gradient by log p is p − t.
 *
 * @param logPredictions - log p, an array or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * read(generalizedKlDivergence(new Float64Array([0, 0]), new Float64Array([1, 0]))) // => 1
 *
 * @throws InvalidTree for arrays of different shapes, and for a mask of another; InvalidOption for an axis that there is not.
 */
export const generalizedKlDivergence = (
  logPredictions: Operand,
  targets: Operand,
  options: AxisOptions = {}
): Value => {
  const { x, axes, mask } = along('generalizedKlDivergence', 'logPredictions', logPredictions, options)
  checkFit('generalizedKlDivergence', { logPredictions, targets })
  const terms = add(divergenceTerms(x, targets), sub(exp(x), targets))
  return totalOf(mask === null ? terms : where(mask, terms, 0), axes)
}
