import {
  check,
  type EmptyState,
  type GradientTransformation,
  mul,
  norm,
  positive,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { factorWithin } from '../internal/factorWithin.js'

/**
 * Shortens each array of the updates to a maximal length of its own; its direction stays. It is `clipnorm` of Keras.
 *
 * For each leaf g and c = maxNorm:
 *
 *     u = g                where ‖g‖ < c           ‖g‖ = √Σg², over the elements of the leaf
 *     u = g · (c / ‖g‖)    elsewhere
 *
 * NaN and infinities stay in their leaf, and do there what they do in {@link clipByGlobalNorm}.
 *
 * Laws: ‖u‖ ≤ c for each leaf, up to rounding; nothing changes in a leaf with ‖g‖ < c; idempotent, up to rounding; of two clips
 * the tighter one remains; on a single leaf it is {@link clipByGlobalNorm}; each leaf is treated as if it were alone.
 *
 * @param maxNorm - the largest length c, finite and > 0.
 *
 * @example
 * const zeros = { w: new Float32Array(2), b: 0 }
 * clipByNorm(5).update({ w: new Float32Array([6, 8]), b: 4 }, {}, zeros)[0] // => { w: Float32Array [3, 4], b: 4 }
 *
 * @throws InvalidOption at construction, when maxNorm is not a finite number > 0.
 * @see clipByGlobalNorm, which measures all leaves together.
 * @see clipByBlockRms, whose bound grows with the size of the leaf.
 */
export const clipByNorm = (maxNorm: number): GradientTransformation<EmptyState> => {
  check('clipByNorm', { maxNorm }, positive)

  return transformation<EmptyState>({
    origin: ['clipByNorm', maxNorm],
    init: () => ({}),
    update: (updates, state) => [tree.map((g) => mul(g, factorWithin(maxNorm, norm(g))), updates), state]
  })
}
