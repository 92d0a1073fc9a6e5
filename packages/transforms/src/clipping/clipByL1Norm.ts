import {
  abs,
  check,
  type EmptyState,
  type GradientTransformation,
  mul,
  positive,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { factorWithin } from '../internal/factorWithin.js'

/**
 * Shrinks the updates, taken as one long vector, to a maximal sum of absolute values; their direction stays.
 *
 * For the updates g, all leaves together, and c = maxNorm:
 *
 *     u = g                 where ‖g‖₁ < c           ‖g‖₁ = Σ|g|, over all elements of all leaves
 *     u = g · (c / ‖g‖₁)    elsewhere
 *
 * NaN and infinities do what they do in {@link clipByGlobalNorm}.
 *
 * Laws: ‖u‖₁ ≤ c, up to rounding; nothing changes where ‖g‖₁ < c; idempotent, up to rounding; of two clips the tighter one
 * remains; a tree and its flattened vector agree; for a single number it is {@link clip}, up to rounding.
 *
 * @param maxNorm - the largest sum c, finite and > 0.
 *
 * @example
 * const tx = clipByL1Norm(2)
 * tx.update({ w: [6, 0], b: -2 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [1.5, 0], b: -0.5 }
 * tx.update({ w: [0.5, 0], b: 1 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [0.5, 0], b: 1 }
 *
 * @throws InvalidOption at construction, when maxNorm is not a finite number > 0.
 * @see clipByGlobalNorm, which measures by squares.
 */
export const clipByL1Norm = (maxNorm: number): GradientTransformation<EmptyState> => {
  check('clipByL1Norm', { maxNorm }, positive)

  return transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state) => {
      const norm = tree.sum(tree.map(abs, updates))
      const factor = factorWithin(maxNorm, norm)
      return [tree.map((g) => mul(g, factor), updates), state]
    }
  })
}
