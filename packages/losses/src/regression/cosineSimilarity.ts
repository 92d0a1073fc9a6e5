import type { Operand, Value } from '@gradchain/core'
import { type CosineOptions, similarityOf } from '../internal/similarity.js'

/**
 * The cosine of the angle between predictions and targets, along an axis.
 *
 *     s = ⟨p, t⟩ / (‖p‖ ‖t‖)          ‖x‖² = max(Σ x², epsilon)
 *
 * The result lacks the axis. With the default epsilon of 0 a vector of zeros, which has no direction, has the similarity NaN; with
 * any other it has 0.
 *
 * Laws: in [−1, 1]; symmetric; blind to the length of either, when epsilon = 0; elements that do not count may be left out.
 *
 * @param predictions - p, an array or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * const directions = ndarray([3, 4, 1, 0], [2, 2])
 * force(cosineSimilarity(directions, ndarray([4, 3, 0, 2], [2, 2]))) // => Float32Array [0.960…, 0]
 *
 * @throws InvalidTree for arrays of different shapes, and for a mask of another; InvalidOption for an axis that there is not, and when
 * epsilon is not a finite number ≥ 0.
 */
export const cosineSimilarity = (predictions: Operand, targets: Operand, options: CosineOptions = {}): Value =>
  similarityOf('cosineSimilarity', predictions, targets, options)
