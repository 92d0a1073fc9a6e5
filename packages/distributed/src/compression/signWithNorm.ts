import { type EmptyState, type GradientTransformation, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { inOneSize } from '../internal/inOneSize.js'

/**
 * Makes of each leaf its signs, all in one size, the mean of its magnitudes: a bit for each element, and a number.
 *
 * For a leaf g of n elements:
 *
 *     uᵢ = (‖g‖₁ / n) sign(gᵢ)        sign(0) = 1, as a bit has no room for a third value
 *
 * Numbers pass through unchanged; a leaf that is 0 stays 0. Use it within {@link errorFeedback}: signs alone do not converge.
 *
 * Laws: idempotent, up to rounding; scaled by what the gradients are scaled by; ‖g − u‖² = ‖g‖² − ‖g‖₁² / n.
 *
 * @example
 * const params = { w: new Float32Array(4) }
 * signWithNorm().update({ w: new Float32Array([1, -4, 3, 0]) }, {}, params)[0] // => { w: Float32Array [2, -2, 2, 2] }
 *
 * @see Karimireddy et al. (2019), Error Feedback Fixes SignSGD and other Gradient Compression Schemes, algorithm 2, {@link https://arxiv.org/abs/1901.09847}
 */
export const signWithNorm = (): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    origin: ['signWithNorm'],
    init: () => ({}),
    update: (updates, state) => [tree.map(inOneSize, tree.widen(updates)), state]
  })
