import { check, type DType, type EmptyState, type GradientTransformation, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'

/**
 * Takes gradients of any float dtype: float32 ones of bfloat16 params, say, which other transformations refuse.
 *
 * As the first part of the outermost chain it takes gradients of another dtype than the params and rounds them to `dtype`;
 * anywhere else it rounds what comes by. What it hands on is in the dtype that the params are computed with, and updates leave
 * the chain in the dtypes of the params. Number leaves have no other dtype.
 *
 * Laws: elementwise; odd; idempotent; for gradients in the dtype they are rounded to, it is the identity.
 *
 * @param dtype - what gradients are rounded to; by default the dtype in which their params are computed with: that of the params,
 * float32 where they are 16-bit, so that nothing of float32 gradients is lost.
 *
 * @example
 * const tx = chain(castGradients(), scale(-1))
 * const params = { w: ndarray([1, 2], [2], 'bfloat16') }
 * const [next] = step(tx, { w: ndarray([0.25, 1], [2], 'float32') }, tx.init(params), params)
 * next // => { w: { dtype: 'bfloat16', shape: [2], data: Uint16Array [16192, 16256] } }
 *
 * @throws InvalidOption at construction, for a dtype that there is not.
 * @see mixedPrecision, which takes gradients of any dtype by itself.
 */
export const castGradients = (dtype?: DType): GradientTransformation<EmptyState> => {
  check('castGradients', { dtype }, dtypeOption)

  return transformation<EmptyState>({
    origin: ['castGradients', dtype],
    gradients: dtype ?? 'params',
    init: () => ({}),
    // What follows gets what it would get without: only the values are rounded.
    update: (updates, state, params) => [tree.castLike(tree.cast(updates, dtype), tree.widen(params)), state]
  })
}
