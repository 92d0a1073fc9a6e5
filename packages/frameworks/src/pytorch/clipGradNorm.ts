import { type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { clipByGlobalNorm } from '@gradchain/transforms'

/** Options of {@link clipGradNorm}. */
export interface ClipGradNormOptions {
  /** Which norm, a number ≥ 1, or `'inf'` for the largest magnitude. @defaultValue `2` */
  readonly normType?: number | 'inf'
  /** Whether a norm that is not finite is an error. @defaultValue `false` */
  readonly errorIfNonfinite?: boolean
}

/**
 * PyTorch's `torch.nn.utils.clip_grad_norm_`, as the first link of a chain.
 *
 *     clipByGlobalNorm(maxNorm, { ord: normType, eps: 1e-6 })
 *
 * The gradient is divided by its norm + 1e-6, so that what is clipped ends a little below the norm asked for, and what has exactly this
 * norm is made smaller too. One infinity in the gradient makes everything 0 or NaN, as there.
 *
 * @param maxNorm - a finite number > 0.
 *
 * @example
 * const tx = chain(pytorch.clipGradNorm(5), scale(-1))
 * const params = { w: [0, 0] }
 * tx.update({ w: [3, 4] }, tx.init(params), params)[0] // => { w: [-2.99999…, -3.99999…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; NotFinite at update, when errors are asked for.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html}
 */
export const clipGradNorm = (
  maxNorm: number,
  options: ClipGradNormOptions = {}
): GradientTransformation<EmptyState> => {
  const { normType, errorIfNonfinite } = withDefaults<Required<ClipGradNormOptions>>('pytorch.clipGradNorm', options, {
    normType: 2,
    errorIfNonfinite: false
  })
  return withOrigin(
    ['pytorch.clipGradNorm', maxNorm, { ...options }],
    clipByGlobalNorm(maxNorm, { ord: normType, eps: 1e-6, errorIfNonfinite })
  )
}
