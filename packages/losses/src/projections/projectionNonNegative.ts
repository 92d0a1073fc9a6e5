import { evaluatedLike, lessEqual, type Same, where } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * The nearest tree without a negative number.
 *
 *     argmin ‖x − y‖²  over y ≥ 0        yᵢ = max(xᵢ, 0)
 *
 * Arrays give arrays of the same dtype, expressions give expressions; the derivative is 1 where x > 0, else 0. NaN stays NaN.
 *
 * Laws: elementwise; idempotent; no two trees come to be farther apart; what has no negative number stays, bit for bit, and −0 becomes 0.
 *
 * @example
 * projectionNonNegative({ w: new Float32Array([-3, 0.5]), b: -1 }) // => { w: Float32Array [0, 0.5], b: 0 }
 *
 * @throws InvalidTree for what is no tree of arrays.
 * @see keepParamsNonnegative
 */
export const projectionNonNegative = <P>(params: P): Same<P> =>
  evaluatedLike('projectionNonNegative', params, (values) => tree.map((x) => where(lessEqual(x, 0), 0, x), values))
