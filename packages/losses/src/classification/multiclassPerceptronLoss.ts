import { maxOf, type Operand, shapeOf, sub, type Value, where } from '@gradchain/core'
import { squeezed, totalOf } from '../internal/axes.js'
import { type ClassLabels, oneHotOf } from '../internal/indices.js'
import { arrayOf } from '../internal/operands.js'

/**
 * How far the right class is behind the first, along the last axis.
 *
 *     ℓ = maxⱼ sⱼ − s_y
 *
 * One loss for each example: the result lacks the last axis.
 *
 * Laws: ≥ 0; 0 where the right class has the largest score; s + c has the same.
 *
 * @param scores - s, an array or an expression whose last axis is that of the classes.
 * @param labels - y, whole numbers shaped as the scores without the last axis.
 *
 * @example
 * force(multiclassPerceptronLoss(ndarray([3, 1, 0, 0.5, 1, 0], [2, 3]), [2, 1])) // => Float32Array [3, 0]
 *
 * @throws InvalidTree for a number as scores and for labels that do not fit, InvalidOption for a label that is the number of no class.
 */
export const multiclassPerceptronLoss = (scores: Operand, labels: ClassLabels): Value => {
  const s = arrayOf('multiclassPerceptronLoss', 'scores', scores)
  const axes = [shapeOf(s).length - 1]
  const right = oneHotOf('multiclassPerceptronLoss', labels, s, axes)
  return sub(squeezed(maxOf(s, axes), axes), totalOf(where(right, s, 0), axes))
}
