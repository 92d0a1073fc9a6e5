import { check, type EmptyState, type GradientTransformation, mul, positive, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { factorWithin } from '../internal/factorWithin.js'

/**
 * Shortens the updates, taken as one long vector, to a maximal length; their direction stays.
 *
 * For the updates g, all leaves together, and c = maxNorm:
 *
 *     u = g                where ‖g‖ < c           ‖g‖ = √Σg², over all elements of all leaves
 *     u = g · (c / ‖g‖)    elsewhere
 *
 * One NaN makes every update NaN, as the norm is NaN. One infinity makes it infinite: finite elements become 0 and infinite
 * ones NaN. `applyIfFinite` around the chain skips such steps. The norm and the factor are float64, also for float32
 * arrays, whose squares therefore never overflow.
 *
 * Laws: ‖u‖ ≤ c, up to rounding; nothing changes where ‖g‖ < c; idempotent, up to rounding; of two clips the tighter one
 * remains; a tree and its flattened vector agree.
 *
 * Unlike Optax: a maxNorm of 0, which there turns zero gradients into NaN, is refused; {@link setToZero} says it better.
 *
 * @param maxNorm - the largest length c, finite and > 0.
 *
 * @example
 * const tx = clipByGlobalNorm(1)
 * tx.update({ w: [6, 0], b: 8 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [0.6…, 0], b: 0.8 }
 * tx.update({ w: [0.5, 0], b: 0 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [0.5, 0], b: 0 }
 *
 * @throws InvalidOption at construction, when maxNorm is not a finite number > 0.
 * @see Pascanu, Mikolov and Bengio (2012), algorithm 1, {@link https://arxiv.org/abs/1211.5063}
 * @see clipByBlockRms, clip
 */
export const clipByGlobalNorm = (maxNorm: number): GradientTransformation<EmptyState> => {
  check('clipByGlobalNorm', { maxNorm }, positive)

  return transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state) => {
      const norm = tree.norm(updates)
      const factor = factorWithin(maxNorm, norm)
      return [tree.map((g) => mul(g, factor), updates), state]
    }
  })
}
