import { type EmptyState, type GradientTransformation, withOrigin } from '@gradchain/core'
import { normalizeByUpdateNorm } from './normalizeByUpdateNorm.js'

/**
 * Gives the updates, taken as one long vector, the length 1: {@link normalizeByUpdateNorm} without eps. It is what makes an adversary
 * for {@link sam}.
 *
 * For the updates g, all leaves together:
 *
 *     u = g / ‖g‖           ‖g‖ = √Σg², over all elements of all leaves
 *
 * Laws: odd in g; blind to its scale; idempotent, up to rounding; a tree and its flattened vector agree.
 *
 * Unlike Optax, which makes NaN of them, updates that are all zero stay zero.
 *
 * @example
 * normalize().update({ w: [3, 0], b: 4 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [0.6, 0], b: 0.8 }
 *
 * @see normalizeByUpdateNorm
 */
export const normalize = (): GradientTransformation<EmptyState> =>
  withOrigin(['normalize'], normalizeByUpdateNorm({ eps: 0 }))
