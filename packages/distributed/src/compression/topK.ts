import { check, type EmptyState, type GradientTransformation, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aShare, countOf, kept } from '../internal/kept.js'
import { largest } from '../internal/largest.js'

/**
 * Keeps the elements of largest magnitude of each leaf, and makes 0 of all others: what is worth sending to other ranks.
 *
 * For a leaf g of n elements and k = ⌈ share · n ⌉:
 *
 *     uᵢ = gᵢ   where |gᵢ| is among the k largest of |g|, of equal ones the first        uᵢ = 0   elsewhere
 *
 * Numbers pass through unchanged. NaN is larger than infinity: what is broken is not kept back. By itself this loses what is small for ever;
 * {@link errorFeedback} keeps it until it has grown.
 *
 * Laws: idempotent, odd; `topK(1)` is the identity; ‖g − u‖² ≤ (1 − k / n) ‖g‖².
 *
 * @param share - how much of each leaf is kept, in (0, 1]; the papers send 0.001 to 0.01.
 *
 * @example
 * const params = { w: new Float32Array(4) }
 * topK(0.5).update({ w: new Float32Array([1, -4, 3, 2]) }, {}, params)[0] // => { w: Float32Array [0, -4, 3, 0] }
 *
 * @throws InvalidOption at construction, when `share` is outside its range.
 * @see Lin et al. (2018), Deep Gradient Compression: Reducing the Communication Bandwidth for Distributed Training,
 * {@link https://arxiv.org/abs/1712.01887}
 * @see Stich et al. (2018), Sparsified SGD with Memory, definition 2.1, {@link https://arxiv.org/abs/1809.07599}
 * @see randomK
 */
export const topK = (share: number): GradientTransformation<EmptyState> => {
  check('topK', { share }, aShare)
  return transformation<EmptyState>({
    origin: ['topK', share],
    init: () => ({}),
    update: (updates, state) => [
      tree.map(
        (g) => kept(g, (elements) => largest(Float64Array.from(elements, Math.abs), countOf(share, elements.length))),
        tree.widen(updates)
      ),
      state
    ]
  })
}
