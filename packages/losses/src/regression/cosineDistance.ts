import { type Operand, sub, type Value } from '@gradchain/core'
import { type CosineOptions, similarityOf } from '../internal/similarity.js'

/**
 * How far predictions and targets point apart, along an axis: 1 less their {@link cosineSimilarity}.
 *
 *     ℓ = 1 − ⟨p, t⟩ / (‖p‖ ‖t‖)          ‖x‖² = max(Σ x², epsilon)
 *
 * The result lacks the axis.
 *
 * Laws: in [0, 2]; 0 of what points the same way, up to rounding; blind to the length of either, when epsilon = 0.
 *
 * @param predictions - p, an array or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * read(cosineDistance(new Float32Array([0, 5]), new Float32Array([0, -1]))) // => 2
 *
 * @throws InvalidTree for arrays of different shapes, and for a mask of another; InvalidOption for an axis that there is not, and when
 * epsilon is not a finite number ≥ 0.
 */
export const cosineDistance = (predictions: Operand, targets: Operand, options: CosineOptions = {}): Value =>
  sub(1, similarityOf('cosineDistance', predictions, targets, options))
