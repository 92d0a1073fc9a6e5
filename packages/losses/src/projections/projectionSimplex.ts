import { check, evaluatedLike, type Same, type Value } from '@gradchain/core'
import { loweredTo } from '../internal/loweredTo.js'
import { radius } from '../internal/scalars.js'

/**
 * The nearest tree whose elements are ≥ 0 and sum to `scale`, all leaves together: with 1, probabilities.
 *
 *     argmin ‖x − y‖²  over y ≥ 0, Σ yᵢ = scale        yᵢ = max(xᵢ − θ, 0)
 *
 * with the one θ that makes the sum right, found by sorting. Arrays give arrays of the same dtype, expressions give expressions. The
 * derivative is diag(s) − s sᵀ / Σ s, where s is 1 for the elements above 0. A NaN makes all NaN.
 *
 * Laws: idempotent, up to rounding; no two trees come to be farther apart; adding one number to all elements changes nothing, up to
 * rounding; the order of the elements stays; a tree and its flattened vector are projected alike.
 *
 * @param scale - what the elements sum to, finite and > 0, or a lazy scalar; `1` by default.
 *
 * @example
 * projectionSimplex({ w: new Float64Array([2.5, 3.25]), b: 0.5 }) // => { w: Float64Array [0.125, 0.875], b: 0 }
 * const first = (x: Operand) => dot(projectionSimplex(x), new Float64Array([1, 0, 0]))
 * grad(first)(new Float64Array([0.5, 0.5, -9])) // => Float64Array [0.5, -0.5, 0]
 *
 * @throws InvalidOption for another scale; InvalidTree for what is no tree of arrays.
 * @see Duchi et al. (2008), figure 1, {@link https://doi.org/10.1145/1390156.1390191}
 */
export const projectionSimplex = <P>(params: P, scale: Value = 1): Same<P> => {
  check('projectionSimplex', { scale }, radius)
  return evaluatedLike('projectionSimplex', params, (values) => loweredTo(values, scale))
}
