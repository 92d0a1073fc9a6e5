import {
  abs,
  check,
  type EmptyState,
  type GradientTransformation,
  less,
  nonNegative,
  transformation,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Sets to zero every element of the updates that is smaller than a threshold.
 *
 * Elementwise, for the update g and δ = threshold:
 *
 *     u = 0        where |g| < δ
 *     u = g        elsewhere
 *
 * What stays keeps its size: this is the hard threshold, not the soft one, which subtracts δ. NaN stays NaN.
 *
 * Laws: elementwise; odd; idempotent; nothing changes where |g| ≥ δ, bit for bit; of two thresholds the larger one remains;
 * `zeroSmall(0)` is the identity.
 *
 * @param threshold - the magnitude δ below which updates are dropped, finite and ≥ 0.
 *
 * @example
 * zeroSmall(0.5).update({ w: [-3, 0.1, 0.5] }, {}, { w: [0, 0, 0] })[0] // => { w: [-3, 0, 0.5] }
 *
 * @throws InvalidOption at construction, when threshold is not a finite number ≥ 0.
 * @see clip, which bounds from above.
 */
export const zeroSmall = (threshold: number): GradientTransformation<EmptyState> => {
  check('zeroSmall', { threshold }, nonNegative)

  return transformation<EmptyState>({
    origin: ['zeroSmall', threshold],
    init: () => ({}),
    update: (updates, state) => [tree.map((g) => where(less(abs(g), threshold), 0, g), updates), state]
  })
}
