import {
  add,
  check,
  type EmptyState,
  finite,
  type GradientTransformation,
  mul,
  nonNegative,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { quotient } from '../internal/quotient.js'

/** Options of {@link normalizeByUpdateNorm}. */
export interface NormalizeByUpdateNormOptions {
  /** The length s that updates get; any finite number, a negative one turns them around. @defaultValue `1` */
  readonly scaleFactor?: number
  /** Added to the norm, against division by zero, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
}

/**
 * Gives the updates, taken as one long vector, always the same length.
 *
 * For the updates g, all leaves together, and s = scaleFactor:
 *
 *     u = s g / (‖g‖ + eps)           ‖g‖ = √Σg², over all elements of all leaves
 *
 * Updates that are all zero stay zero, also when eps = 0.
 *
 * Laws: odd in g; ‖u‖ ≤ |s|, up to rounding; blind to the scale of g when eps = 0, then also idempotent for s = 1, up to
 * rounding; a tree and its flattened vector agree.
 *
 * @example
 * const tx = normalizeByUpdateNorm({ scaleFactor: -10, eps: 0 })
 * tx.update({ w: [3, 0], b: 4 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [-6, -0], b: -8 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see clipByGlobalNorm, which leaves short updates alone.
 */
export const normalizeByUpdateNorm = (
  options: NormalizeByUpdateNormOptions = {}
): GradientTransformation<EmptyState> => {
  const { scaleFactor, eps } = withDefaults<Required<NormalizeByUpdateNormOptions>>('normalizeByUpdateNorm', options, {
    scaleFactor: 1,
    eps: 1e-6
  })
  check('normalizeByUpdateNorm', { scaleFactor }, finite)
  check('normalizeByUpdateNorm', { eps }, nonNegative)

  return transformation<EmptyState>({
    origin: ['normalizeByUpdateNorm', { ...options }],
    init: () => ({}),
    update: (updates, state) => {
      const length = add(tree.norm(updates), eps)
      // The quotient first: the length may be so small that s / length is infinite.
      return [tree.map((g) => mul(scaleFactor, quotient(g, length)), updates), state]
    }
  })
}
