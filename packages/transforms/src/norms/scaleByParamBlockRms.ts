import {
  check,
  type EmptyState,
  type GradientTransformation,
  max,
  mul,
  nonNegative,
  rms,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link scaleByParamBlockRms}. */
export interface ScaleByParamBlockRmsOptions {
  /** The smallest factor m, so that params of zeros do move, finite and ≥ 0. @defaultValue `1e-3` */
  readonly minScale?: number
}

/**
 * Multiplies each array of the updates by the root mean square of its params: steps relative to the size of what they change.
 *
 * For each leaf g of the updates with the params p, n elements, and m = minScale:
 *
 *     u = g · max(rms(p), m)           rms(p) = √(Σp² / n)
 *
 * Laws: linear in g; scaling g or, above the minimum, p scales u alike; each leaf is treated as if it were alone; for a number
 * it is {@link scaleByParamBlockNorm}.
 *
 * @example
 * const params = { w: new Float32Array([3, -3]), b: 0 }
 * const grads = { w: new Float32Array([1, 2]), b: 1 }
 * scaleByParamBlockRms().update(grads, {}, params)[0] // => { w: Float32Array [3, 6], b: 0.001 }
 *
 * @throws InvalidOption at construction, when minScale is not a finite number ≥ 0.
 * @see Shazeer and Stern (2018), section 8, {@link https://arxiv.org/abs/1804.04235}
 * @see scaleByTrustRatio, which divides by the norm of the update as well.
 */
export const scaleByParamBlockRms = (options: ScaleByParamBlockRmsOptions = {}): GradientTransformation<EmptyState> => {
  const { minScale } = withDefaults<Required<ScaleByParamBlockRmsOptions>>('scaleByParamBlockRms', options, {
    minScale: 1e-3
  })
  check('scaleByParamBlockRms', { minScale }, nonNegative)

  return transformation<EmptyState>({
    origin: ['scaleByParamBlockRms', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => [tree.map((g, p) => mul(g, max(rms(p), minScale)), updates, params), state]
  })
}
