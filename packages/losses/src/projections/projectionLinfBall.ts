import { check, evaluatedLike, max, min, neg, type Same, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { magnitude } from '../internal/scalars.js'

/**
 * The nearest tree whose elements are at most `scale` in magnitude.
 *
 *     argmin ‖x − y‖²  over max |yᵢ| ≤ scale        yᵢ = min(max(xᵢ, −scale), scale)
 *
 * Arrays give arrays of the same dtype, expressions give expressions; the derivative is 1 within, 0 outside and ½ on the border.
 *
 * Laws: elementwise; odd; idempotent; no two trees come to be farther apart; what is in the ball stays, bit for bit.
 *
 * @param scale - the radius, finite and ≥ 0, or a lazy scalar; `1` by default.
 *
 * @example
 * projectionLinfBall({ w: new Float32Array([-3, 0.5]), b: 7 }, 2) // => { w: Float32Array [-2, 0.5], b: 2 }
 *
 * @throws InvalidOption for another scale; InvalidTree for what is no tree of arrays.
 */
export const projectionLinfBall = <P>(params: P, scale: Value = 1): Same<P> => {
  check('projectionLinfBall', { scale }, magnitude)
  return evaluatedLike('projectionLinfBall', params, (values) =>
    tree.map((x) => min(max(x, neg(scale)), scale), values)
  )
}
