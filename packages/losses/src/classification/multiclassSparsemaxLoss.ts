import {
  add,
  type Expr,
  maxOf,
  mul,
  type Operand,
  shapeOf,
  square,
  stopGradient,
  sub,
  sum,
  type Value,
  where
} from '@gradchain/core'
import { stretched, totalOf } from '../internal/axes.js'
import { type ClassLabels, oneHotOf } from '../internal/indices.js'
import { arrayOf } from '../internal/operands.js'
import { sparsemaxOf } from '../internal/sparsemax.js'

/**
 * The loss of one choice among classes whose probabilities may be exactly 0, along the last axis.
 *
 * For p, the probabilities nearest to the scores s:
 *
 *     p = argmin ‖p − s‖²,   p ≥ 0,  Σ p = 1          ℓ = Σⱼ pⱼ (sⱼ − s_y) + ½ (1 − Σⱼ pⱼ²)
 *
 * One loss for each example: the result lacks the last axis.
 *
 * Laws: ≥ 0, up to rounding; 0 where the right class is ahead by 1; s + c has the same; the gradient by s is p less 1 at the right
 * class.
 *
 * @param scores - s, an array or an expression whose last axis is that of the classes.
 * @param labels - y, whole numbers shaped as the scores without the last axis.
 *
 * @example
 * const scores = ndarray(new Float64Array([3, 1, 0, 0.5, 0.5, 0]), [2, 3])
 * force(multiclassSparsemaxLoss(scores, [0, 1])) // => Float64Array [0, 0.25]
 *
 * @throws InvalidTree for a number as scores and for labels that do not fit, InvalidOption for a label that is the number of no class.
 * @see Martins and Astudillo (2016), From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label Classification,
 * {@link https://arxiv.org/abs/1602.02068}
 */
export const multiclassSparsemaxLoss = (scores: Operand, labels: ClassLabels): Value => {
  const given = arrayOf('multiclassSparsemaxLoss', 'scores', scores)
  const shape = shapeOf(given)
  const axes = [shape.length - 1]
  const right = oneHotOf('multiclassSparsemaxLoss', labels, given, axes)
  // Measured from the largest: what all have in common takes no digits away, and the loss does not depend on it.
  const s = sub(given, stretched(stopGradient(maxOf(given, axes)), shape)) as Expr
  const p = sparsemaxOf(s)
  const ahead = sub(s, stretched(sum(where(right, s, 0), axes), shape))
  // What has no share does not matter, be it −∞.
  const shares = totalOf(where(p, mul(p, ahead), 0), axes)
  return add(shares, mul(0.5, sub(1, totalOf(square(p), axes))))
}
