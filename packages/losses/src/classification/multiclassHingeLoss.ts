import { add, maxOf, type Operand, shapeOf, sub, type Value, where } from '@gradchain/core'
import { squeezed, totalOf } from '../internal/axes.js'
import { type ClassLabels, oneHotOf } from '../internal/indices.js'
import { arrayOf } from '../internal/operands.js'

/**
 * How much the right class falls short of being ahead of each other by 1, along the last axis, as Crammer and Singer have it.
 *
 *     ℓ = maxⱼ (sⱼ + [j ≠ y]) − s_y
 *
 * One loss for each example: the result lacks the last axis. (PyTorch's `MultiMarginLoss` takes the mean over the classes instead.)
 *
 * Laws: ≥ 0; 0 where the right class is ahead by 1; s + c has the same; never below {@link multiclassPerceptronLoss}.
 *
 * @param scores - s, an array or an expression whose last axis is that of the classes.
 * @param labels - y, whole numbers shaped as the scores without the last axis.
 *
 * @example
 * force(multiclassHingeLoss(ndarray([3, 1, 0, 0.5, 1, 0], [2, 3]), [0, 1])) // => Float32Array [0, 0.5]
 *
 * @throws InvalidTree for a number as scores and for labels that do not fit, InvalidOption for a label that is the number of no class.
 * @see Crammer and Singer (2001), On the algorithmic implementation of multiclass kernel-based vector machines
 */
export const multiclassHingeLoss = (scores: Operand, labels: ClassLabels): Value => {
  const s = arrayOf('multiclassHingeLoss', 'scores', scores)
  const axes = [shapeOf(s).length - 1]
  const right = oneHotOf('multiclassHingeLoss', labels, s, axes)
  return sub(squeezed(maxOf(add(s, sub(1, right)), axes), axes), totalOf(where(right, s, 0), axes))
}
