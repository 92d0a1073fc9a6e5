import { type Operand, type Value, where } from '@gradchain/core'
import { type AxisOptions, along, totalOf } from '../internal/axes.js'
import { divergenceTerms } from '../internal/divergence.js'
import { checkFit } from '../internal/operands.js'

/**
 * The Kullback–Leibler divergence of targets from predictions, along an axis: what is lost when the one is taken for the other.
 *
 *     ℓ = Σᵢ tᵢ (log tᵢ − log pᵢ)          0 log 0 = 0
 *
 * The predictions are given by their logarithms, as by {@link logSoftmax}. One loss for each example: the result lacks the axis. Where
 * a target is 0 the term is 0, whatever is predicted, and its gradient is finite: −t by the logarithm, and 0 by the target.
 *
 * Laws: ≥ 0 for probabilities, up to rounding; 0 where both are the same; the gradient by log p is −t; elements that do not count may
 * be left out.
 *
 * @param logPredictions - log p, an array or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * const predicted = logSoftmax(new Float64Array([0, 0]))
 * read(klDivergence(predicted, new Float64Array([1, 0]))) // => 0.6931471805599453
 * read(klDivergence(new Float64Array([0, -Infinity]), new Float64Array([1, 0]))) // => 0
 *
 * @throws InvalidTree for arrays of different shapes, and for a mask of another; InvalidOption for an axis that there is not.
 * @see Kullback and Leibler (1951), On information and sufficiency
 */
export const klDivergence = (logPredictions: Operand, targets: Operand, options: AxisOptions = {}): Value => {
  const { x, axes, mask } = along('klDivergence', 'logPredictions', logPredictions, options)
  checkFit('klDivergence', { logPredictions, targets })
  const terms = divergenceTerms(x, targets)
  return totalOf(mask === null ? terms : where(mask, terms, 0), axes)
}
