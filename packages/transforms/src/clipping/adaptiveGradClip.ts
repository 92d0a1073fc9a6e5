import {
  check,
  type EmptyState,
  type GradientTransformation,
  max,
  mul,
  nonNegative,
  positive,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { axisOption } from '../internal/axisOption.js'
import { unitwiseClip } from './unitwiseClip.js'
import { unitwiseNorm } from './unitwiseNorm.js'

/** Options of {@link adaptiveGradClip}. */
export interface AdaptiveGradClipOptions {
  /** The smallest norm of params that counts, so that zeros can grow, finite and ≥ 0. @defaultValue `1e-3` */
  readonly eps?: number
  /** The axis, or axes, along which a unit extends, counted from the end when negative; by default the shape decides. */
  readonly axis?: number | readonly number[] | undefined
}

/**
 * Shortens each unit of the updates to a maximal share of the length of its params: AGC.
 *
 * For each unit g of the updates with the params p, λ = clipping, and the norms of {@link unitwiseNorm}:
 *
 *     u = g                        where ‖g‖ < λ max(‖p‖, eps)
 *     u = g · λ max(‖p‖, eps) / max(‖g‖, 1e-6)    elsewhere
 *
 * NaN and infinities stay in their unit.
 *
 * Laws: ‖u‖ ≤ λ max(‖p‖, eps) for each unit, up to rounding; nothing changes in a unit that is shorter; idempotent, up to
 * rounding; odd in g; each leaf is treated as if it were alone.
 *
 * @param clipping - the share λ, finite and > 0; 0.01 in the paper.
 *
 * @example
 * const params = { kernel: ndarray([3, 1, 4, 0], [2, 2]), bias: 2 }
 * const grads = { kernel: ndarray([0, 1, 10, 0], [2, 2]), bias: 0.5 }
 * adaptiveGradClip(0.5).update(grads, {}, params)[0]
 * // => { kernel: { dtype: 'float32', shape: [2, 2], data: Float32Array [0, 0.5, 2.5, 0] }, bias: 0.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, as {@link unitwiseNorm}.
 * @see Brock et al. (2021), High-Performance Large-Scale Image Recognition Without Normalization, equation 3,
 * {@link https://arxiv.org/abs/2102.06171}
 */
export const adaptiveGradClip = (
  clipping: number,
  options: AdaptiveGradClipOptions = {}
): GradientTransformation<EmptyState> => {
  const { eps, axis } = withDefaults<Required<AdaptiveGradClipOptions>>('adaptiveGradClip', options, {
    eps: 1e-3,
    axis: undefined
  })
  check('adaptiveGradClip', { clipping }, positive)
  check('adaptiveGradClip', { eps }, nonNegative)
  check('adaptiveGradClip', { axis }, axisOption)

  return transformation<EmptyState>({
    origin: ['adaptiveGradClip', clipping, { ...options }],
    init: () => ({}),
    update: (updates, state, params) => {
      const clipped = tree.map(
        (g, p) => {
          const limit = mul(clipping, max(unitwiseNorm(p, { axis }), eps))
          return unitwiseClip(unitwiseNorm(g, { axis }), limit, g)
        },
        updates,
        params
      )
      return [clipped, state]
    }
  })
}
