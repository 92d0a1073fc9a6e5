import {
  check,
  type EmptyState,
  type GradientTransformation,
  max,
  mul,
  nonNegative,
  norm,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link scaleByParamBlockNorm}. */
export interface ScaleByParamBlockNormOptions {
  /** The smallest factor m, so that params of zeros do move, finite and ≥ 0. @defaultValue `1e-3` */
  readonly minScale?: number
}

/**
 * Multiplies each array of the updates by the length of its params.
 *
 * For each leaf g of the updates with the params p, and m = minScale:
 *
 *     u = g · max(‖p‖, m)           ‖p‖ = √Σp², over the elements of the leaf
 *
 * Laws: linear in g; scaling g or, above the minimum, p scales u alike; each leaf is treated as if it were alone.
 *
 * @example
 * const params = { w: new Float32Array([3, -4]), b: 0 }
 * const grads = { w: new Float32Array([1, 2]), b: 1 }
 * scaleByParamBlockNorm().update(grads, {}, params)[0] // => { w: Float32Array [5, 10], b: 0.001 }
 *
 * @throws InvalidOption at construction, when minScale is not a finite number ≥ 0.
 * @see scaleByParamBlockRms, whose factor does not grow with the number of elements.
 * @see scaleByTrustRatio, which divides by the norm of the update as well.
 */
export const scaleByParamBlockNorm = (
  options: ScaleByParamBlockNormOptions = {}
): GradientTransformation<EmptyState> => {
  const { minScale } = withDefaults<Required<ScaleByParamBlockNormOptions>>('scaleByParamBlockNorm', options, {
    minScale: 1e-3
  })
  check('scaleByParamBlockNorm', { minScale }, nonNegative)

  return transformation<EmptyState>({
    origin: ['scaleByParamBlockNorm', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => [tree.map((g, p) => mul(g, max(norm(p), minScale)), updates, params), state]
  })
}
