import {
  castLike,
  check,
  div,
  max,
  mean,
  mul,
  notEqual,
  type Operand,
  oneOf,
  sum,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import { along, anyOf, totalOf } from '../internal/axes.js'
import { checkFit } from '../internal/operands.js'
import { surpriseOf } from '../internal/softmax.js'

/** Options of {@link rankingSoftmaxLoss}. */
export interface RankingSoftmaxLossOptions {
  /** Which items are there: those where this is not 0, shaped like the logits. @defaultValue all of them */
  readonly where?: Operand | undefined
  /** How much each item counts, shaped like the logits. @defaultValue all count 1 */
  readonly weights?: Operand | undefined
  /** What becomes of the losses of several lists: `'mean'`, `'sum'` or `'none'`. @defaultValue `'mean'` */
  readonly reduction?: 'mean' | 'sum' | 'none' | undefined
}

/**
 * How far an order by scores is from one by relevance, list by list: the cross entropy of softmax along the last axis.
 *
 * For a list with the scores s, the relevances y and the weights w:
 *
 *     ℓ = −Σᵢ wᵢ yᵢ log softmax(s)ᵢ
 *
 * The result is the mean over all lists that have an item; with the reduction `'none'` one loss for each list, 0 where it has none. The
 * relevances are taken in the dtype of the scores.
 *
 * Laws: ≥ 0; items that are not there may be left out; the losses of `'none'` sum up to `'sum'`; without options but `'none'` it is
 * {@link softmaxCrossEntropy}; s + c has the same.
 *
 * @param logits - s, an array or an expression whose last axis is a list.
 * @param labels - y ≥ 0, of the same shape.
 *
 * @example
 * const logits = ndarray([0, 2, 1, 0, 0, 0], [2, 3])
 * const relevance = ndarray([0, 0, 1, 1, 0, 0], [2, 3])
 * read(rankingSoftmaxLoss(logits, relevance)) // => 1.253…
 * force(rankingSoftmaxLoss(logits, relevance, { reduction: 'none' })) // => Float32Array [1.407…, 1.098…]
 *
 * @throws InvalidTree for arrays of different shapes, InvalidOption for a reduction that there is not.
 * @see Cao et al. (2007), Learning to rank: from pairwise approach to listwise approach
 */
export const rankingSoftmaxLoss = (
  logits: Operand,
  labels: Operand,
  options: RankingSoftmaxLossOptions = {}
): Value => {
  const { weights, reduction, ...rest } = withDefaults<RankingSoftmaxLossOptions>('rankingSoftmaxLoss', options, {
    where: undefined,
    weights: undefined,
    reduction: 'mean'
  })
  check('rankingSoftmaxLoss', { reduction }, oneOf('mean', 'sum', 'none'))
  const of = along('rankingSoftmaxLoss', 'logits', logits, rest)
  checkFit('rankingSoftmaxLoss', { logits, labels, ...(weights === undefined ? {} : { weights }) })
  const relevance = castLike(labels, of.x)
  const terms = mul(weights === undefined ? relevance : mul(relevance, weights), surpriseOf(of))
  const losses = totalOf(of.mask === null ? terms : where(of.mask, terms, 0), of.axes)
  if (reduction === 'none') return losses
  if (reduction === 'sum') return sum(losses)
  if (of.mask === null) return mean(losses)
  return div(sum(losses), max(1, sum(notEqual(anyOf(of.mask, of.axes), 0))))
}
