import {
  add,
  boolean,
  check,
  type EmptyState,
  type GradientTransformation,
  mul,
  NotFinite,
  nonNegative,
  positive,
  read,
  show,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { factorWithin } from '../internal/factorWithin.js'

/** Options of {@link clipByGlobalNorm}. */
export interface ClipByGlobalNormOptions {
  /** Which norm: (Σ|g|ᵖ)^(1/p) for a number p, finite and > 0, or the largest |g| for `'inf'`. @defaultValue `2` */
  readonly ord?: number | 'inf'
  /** Added to the norm, finite and ≥ 0; 1e-6 in PyTorch. @defaultValue `0` */
  readonly eps?: number
  /** Whether a norm that is NaN or infinite is an error. @defaultValue `false` */
  readonly errorIfNonfinite?: boolean
}

/**
 * Shortens the updates, taken as one long vector, to a maximal length; their direction stays.
 *
 * For the updates g, all leaves together, and c = maxNorm:
 *
 *     u = g                        where ‖g‖ + eps < c         ‖g‖ = √Σg², over all elements of all leaves
 *     u = g · (c / (‖g‖ + eps))    elsewhere                   (or the norm that ord says)
 *
 * One NaN makes every update NaN, as the norm is NaN. One infinity makes it infinite: finite elements become 0 and infinite
 * ones NaN. `applyIfFinite` around the chain skips such steps, and `errorIfNonfinite` throws; to know, it reads the norm at
 * once. The norm and the factor are float64, and squares neither overflow nor vanish.
 *
 * With `eps: 1e-6` it is PyTorch's `clip_grad_norm_`, there also of any `norm_type`: what has just the length c gets a little
 * shorter, and what is much shorter than eps hardly passes.
 *
 * Laws: ‖u‖ ≤ c, up to rounding; nothing changes where ‖g‖ + eps < c; of two clips the tighter one remains, and it is
 * idempotent, when eps = 0 and up to rounding; for one number with ord 1 it is {@link clip}, up to rounding; a tree and its flattened vector agree.
 *
 * Unlike Optax: a maxNorm of 0, which there turns zero gradients into NaN, is refused; {@link setToZero} says it better.
 *
 * @param maxNorm - the largest length c, finite and > 0.
 *
 * @example
 * const tx = clipByGlobalNorm(1)
 * tx.update({ w: [6, 0], b: 8 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [0.6…, 0], b: 0.8 }
 * tx.update({ w: [0.5, 0], b: 0 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [0.5, 0], b: 0 }
 * clipByGlobalNorm(2, { ord: 1 }).update({ w: [6, 0], b: -2 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [1.5, 0], b: -0.5 }
 * clipByGlobalNorm(5, { eps: 1e-6 }).update({ w: [3, 4] }, {}, { w: [0, 0] })[0] // => { w: [2.9999994…, 3.9999992…] }
 *
 * @throws InvalidOption at construction, when maxNorm or an option is outside its range; with `errorIfNonfinite`, NotFinite at
 * update.
 * @see Pascanu, Mikolov and Bengio (2012), On the difficulty of training Recurrent Neural Networks, algorithm 1,
 * {@link https://arxiv.org/abs/1211.5063}
 * @see clipByBlockRms, clip
 */
export const clipByGlobalNorm = (
  maxNorm: number,
  options: ClipByGlobalNormOptions = {}
): GradientTransformation<EmptyState> => {
  const { ord, eps, errorIfNonfinite } = withDefaults<Required<ClipByGlobalNormOptions>>('clipByGlobalNorm', options, {
    ord: 2,
    eps: 0,
    errorIfNonfinite: false
  })
  check('clipByGlobalNorm', { maxNorm }, positive)
  check(
    'clipByGlobalNorm',
    { ord },
    {
      what: 'a finite number > 0 or "inf"',
      holds: (value) => value === 'inf' || positive.holds(value)
    }
  )
  check('clipByGlobalNorm', { eps }, nonNegative)
  check('clipByGlobalNorm', { errorIfNonfinite }, boolean)

  return transformation<EmptyState>({
    origin: ['clipByGlobalNorm', maxNorm, { ...options }],
    init: () => ({}),
    update: (updates, state) => {
      const norm = tree.norm(updates, { ord })
      if (errorIfNonfinite && !Number.isFinite(read(norm))) {
        throw new NotFinite(`clipByGlobalNorm: the norm of the updates must be finite, got ${show(read(norm))}`)
      }
      const factor = factorWithin(maxNorm, add(norm, eps))
      return [tree.map((g) => mul(g, factor), updates), state]
    }
  })
}
