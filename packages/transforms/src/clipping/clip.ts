import {
  check,
  type EmptyState,
  type GradientTransformation,
  max,
  min,
  positive,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Clips every element of the updates to a band around zero.
 *
 * Elementwise, for the update g and δ = maxDelta:
 *
 *     u = min(max(g, −δ), δ)
 *
 * Infinities become ±δ, NaN stays NaN.
 *
 * Laws: elementwise; odd; idempotent; |u| ≤ δ; nothing changes where |g| ≤ δ; of two clips the tighter one remains.
 *
 * @param maxDelta - the bound δ, finite and > 0.
 *
 * @example
 * clip(1).update({ w: [-3, 0.5, 8] }, {}, { w: [0, 0, 0] })[0] // => { w: [-1, 0.5, 1] }
 *
 * @throws InvalidOption at construction, when maxDelta is not a finite number > 0.
 * @see clipByGlobalNorm, which keeps the direction.
 */
export const clip = (maxDelta: number): GradientTransformation<EmptyState> => {
  check('clip', { maxDelta }, positive)

  return transformation<EmptyState>({
    origin: ['clip', maxDelta],
    init: () => ({}),
    update: (updates, state) => [tree.map((g) => min(max(g, -maxDelta), maxDelta), updates), state]
  })
}
