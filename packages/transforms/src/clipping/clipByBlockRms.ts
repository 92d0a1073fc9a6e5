import {
  check,
  div,
  type EmptyState,
  type GradientTransformation,
  max,
  positive,
  rms,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Shrinks each array of the updates to a maximal root mean square of its own; its direction stays.
 *
 * For each leaf g of n elements and d = threshold:
 *
 *     u = g / max(1, rms(g) / d)           rms(g) = √(Σg² / n)
 *
 * NaN and infinities stay in their leaf: one NaN makes all of it NaN, one infinity makes its finite elements 0 and the
 * infinite ones NaN.
 *
 * Laws: rms(u) ≤ d, up to rounding; nothing changes in a leaf with rms(g) ≤ d; idempotent, up to rounding; of two clips the
 * tighter one remains; each leaf is treated as if it were alone.
 *
 * @param threshold - the largest root mean square d, finite and > 0.
 *
 * @example
 * const zeros = { w: new Float32Array(2), b: 0 }
 * clipByBlockRms(1).update({ w: new Float32Array([4, -4]), b: 0.5 }, {}, zeros)[0] // => { w: Float32Array [1, -1], b: 0.5 }
 *
 * @throws InvalidOption at construction, when threshold is not a finite number > 0.
 * @see Shazeer and Stern (2018), section 6, {@link https://arxiv.org/abs/1804.04235}
 * @see clipByGlobalNorm
 */
export const clipByBlockRms = (threshold: number): GradientTransformation<EmptyState> => {
  check('clipByBlockRms', { threshold }, positive)

  return transformation<EmptyState>({
    origin: ['clipByBlockRms', threshold],
    init: () => ({}),
    update: (updates, state) => [tree.map((g) => div(g, max(1, div(rms(g), threshold))), updates), state]
  })
}
