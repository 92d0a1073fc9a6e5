import { check, div, evaluatedLike, max, mul, type Same, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { radius } from '../internal/scalars.js'

/**
 * The nearest tree of Euclidean norm at most `scale`, all leaves together: what is longer is shortened.
 *
 *     argmin ‖x − y‖²  over ‖y‖ ≤ scale        y = x · scale / max(‖x‖, scale)
 *
 * Arrays give arrays of the same dtype, expressions give expressions. The derivative at 0 is that of the identity.
 *
 * Laws: odd; idempotent, up to rounding; no two trees come to be farther apart; what is in the ball stays, bit for bit; a tree and its
 * flattened vector are projected alike.
 *
 * @param scale - the radius, finite and > 0, or a lazy scalar; `1` by default.
 *
 * @example
 * projectionL2Ball({ w: new Float64Array([3, 0]), b: -4 }, 2.5) // => { w: Float64Array [1.5, 0], b: -2 }
 *
 * @throws InvalidOption for another scale; InvalidTree for what is no tree of arrays.
 * @see clipByGlobalNorm, which shortens updates.
 */
export const projectionL2Ball = <P>(params: P, scale: Value = 1): Same<P> => {
  check('projectionL2Ball', { scale }, radius)
  return evaluatedLike('projectionL2Ball', params, (values) => {
    const factor = div(scale, max(tree.norm(values), scale))
    return tree.map((x) => mul(x, factor), values)
  })
}
