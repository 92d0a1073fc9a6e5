import { type EmptyState, type GradientTransformation, sign, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Replaces every update by its sign.
 *
 * Elementwise, for the update g:
 *
 *     u = −1, 0 or 1 where g < 0, g = 0, g > 0; NaN stays NaN
 *
 * Laws: elementwise; odd; idempotent; blind to a positive factor.
 *
 * @example
 * scaleBySign().update({ w: [-3, 0, 0.1] }, {}, { w: [0, 0, 0] })[0] // => { w: [-1, 0, 1] }
 *
 * @see Bernstein et al. (2018), signSGD: Compressed Optimisation for Non-Convex Problems, algorithm 1,
 * {@link https://arxiv.org/abs/1802.04434}
 */
export const scaleBySign = (): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    origin: ['scaleBySign'],
    init: () => ({}),
    update: (updates, state) => [tree.map(sign, updates), state]
  })
