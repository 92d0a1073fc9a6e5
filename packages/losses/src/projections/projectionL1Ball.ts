import { check, evaluatedLike, lessEqual, type Same, type Value, where } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { l1Sphere } from '../internal/l1Sphere.js'
import { radius } from '../internal/scalars.js'

/**
 * The nearest tree whose elements sum to at most `scale` in magnitude, all leaves together. It has zeros: the elements of a tree that is too
 * long lose the same length each, those that are shorter become 0.
 *
 *     argmin ‖x − y‖²  over Σ |yᵢ| ≤ scale        y = x where it is in the ball, else the nearest on its border
 *
 * Arrays give arrays of the same dtype, expressions give expressions. On the border the derivative is that of the identity. A NaN makes all
 * NaN.
 *
 * Laws: odd; idempotent, up to rounding; no two trees come to be farther apart; what is in the ball stays, bit for bit; a tree and its
 * flattened vector are projected alike.
 *
 * @param scale - the radius, finite and > 0, or a lazy scalar; `1` by default.
 *
 * @example
 * projectionL1Ball({ w: new Float64Array([2.5, -3.25]), b: 0.5 }) // => { w: Float64Array [0.125, -0.875], b: 0 }
 * projectionL1Ball({ w: new Float64Array([0.25, -0.5]), b: 0.125 }) // => { w: Float64Array [0.25, -0.5], b: 0.125 }
 *
 * @throws InvalidOption for another scale; InvalidTree for what is no tree of arrays.
 * @see Duchi et al. (2008), Efficient projections onto the l1-ball for learning in high dimensions, figure 2,
 * {@link https://doi.org/10.1145/1390156.1390191}
 */
export const projectionL1Ball = <P>(params: P, scale: Value = 1): Same<P> => {
  check('projectionL1Ball', { scale }, radius)
  return evaluatedLike('projectionL1Ball', params, (values) => {
    const isInside = lessEqual(tree.norm(values, { ord: 1 }), scale)
    return tree.map((x, onBorder) => where(isInside, x, onBorder), values, l1Sphere(values, scale))
  })
}
