import {
  add,
  check,
  div,
  type EmptyState,
  equal,
  type GradientTransformation,
  max,
  min,
  mul,
  nonNegative,
  norm,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link scaleByTrustRatio}. */
export interface ScaleByTrustRatioOptions {
  /** The smallest norm m that counts, of params and of updates, finite and ≥ 0. @defaultValue `0` */
  readonly minNorm?: number
  /** Length τ of an update in units of that of its params, finite and ≥ 0. @defaultValue `1` */
  readonly trustCoefficient?: number
  /** Added to the norm of the update, finite and ≥ 0. @defaultValue `0` */
  readonly eps?: number
}

/**
 * Gives each array of the updates the length of its params: every layer moves by the same share of itself.
 *
 * For each leaf g of the updates with the params p, m = minNorm and τ = trustCoefficient:
 *
 *     u = g / (‖g‖ₘ + eps) · τ ‖p‖ₘ           ‖x‖ₘ = max(√Σx², m), over the elements of the leaf
 *     u = g                                   where ‖p‖ₘ = 0 or ‖g‖ₘ = 0
 *
 * so that params of zeros, which would never move, take the update as it is.
 *
 * Laws: odd in g; blind to its scale when m = eps = 0, but where p is 0; then ‖u‖ = τ ‖p‖; each leaf is treated as if it were
 * alone.
 *
 * The quotient is taken first, so that it stays finite for the smallest of gradients. Unlike LARS's paper and like Optax, the
 * norm of the update is that of all that came before, weight decay included.
 *
 * @example
 * const params = { w: new Float32Array([6, 8]), b: 0 }
 * const grads = { w: new Float32Array([0, 5]), b: 7 }
 * scaleByTrustRatio().update(grads, {}, params)[0] // => { w: Float32Array [0, 10], b: 7 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see You, Gitman and Ginsburg (2017), algorithm 1, {@link https://arxiv.org/abs/1708.03888}
 * @see You et al. (2019), algorithm 2, {@link https://arxiv.org/abs/1904.00962}
 */
export const scaleByTrustRatio = (options: ScaleByTrustRatioOptions = {}): GradientTransformation<EmptyState> => {
  const { minNorm, trustCoefficient, eps } = withDefaults<Required<ScaleByTrustRatioOptions>>(
    'scaleByTrustRatio',
    options,
    { minNorm: 0, trustCoefficient: 1, eps: 0 }
  )
  check('scaleByTrustRatio', { minNorm, trustCoefficient, eps }, nonNegative)

  return transformation<EmptyState>({
    origin: ['scaleByTrustRatio', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => {
      const scaled = tree.map(
        (g, p) => {
          const ofUpdate = max(norm(g), minNorm)
          const ofParams = max(norm(p), minNorm)
          const hasNone = equal(min(ofUpdate, ofParams), 0)
          const unit = div(g, where(hasNone, 1, add(ofUpdate, eps)))
          return mul(unit, where(hasNone, 1, mul(trustCoefficient, ofParams)))
        },
        updates,
        params
      )
      return [scaled, state]
    }
  })
}
