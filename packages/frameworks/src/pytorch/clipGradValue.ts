import { type EmptyState, type GradientTransformation, withOrigin } from '@gradchain/core'
import { clip } from '@gradchain/transforms'

/**
 * PyTorch's `torch.nn.utils.clip_grad_value_`, as the first link of a chain: `clip(clipValue)`.
 *
 * @param clipValue - a finite number > 0.
 *
 * @example
 * const tx = pytorch.clipGradValue(1)
 * const params = { w: [0, 0] }
 * tx.update({ w: [3, -0.5] }, tx.init(params), params)[0] // => { w: [1, -0.5] }
 *
 * @throws InvalidOption at construction, when the value is outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html}
 */
export const clipGradValue = (clipValue: number): GradientTransformation<EmptyState> =>
  withOrigin(['pytorch.clipGradValue', clipValue], clip(clipValue))
