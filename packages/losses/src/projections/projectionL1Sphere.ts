import { check, evaluatedLike, type Same, type Value } from '@gradchain/core'
import { l1Sphere } from '../internal/l1Sphere.js'
import { radius } from '../internal/scalars.js'

/**
 * The nearest tree whose elements sum to `scale` in magnitude, all leaves together.
 *
 *     argmin ‖x − y‖²  over Σ |yᵢ| = scale        yᵢ = ±max(|xᵢ| − θ, 0), with the sign of xᵢ
 *
 * Where an element is 0 and must not stay so, as where all are, either sign is as near; it is made positive. Optax gives 0 there, which is
 * not on the sphere. Arrays give arrays of the same dtype, expressions give expressions. A NaN makes all NaN.
 *
 * Laws: Σ |yᵢ| = scale and idempotent, up to rounding; odd where no element is 0; {@link projectionSimplex} where none is negative; outside
 * the ball it is {@link projectionL1Ball}.
 *
 * @param scale - the radius, finite and > 0, or a lazy scalar; `1` by default.
 *
 * @example
 * projectionL1Sphere({ w: new Float64Array([2.5, -3.25]), b: 0.5 }) // => { w: Float64Array [0.125, -0.875], b: 0 }
 * projectionL1Sphere([0, 0.25, -0.25]) // => [0.1666…, 0.4166…, -0.4166…]
 *
 * @throws InvalidOption for another scale; InvalidTree for what is no tree of arrays.
 */
export const projectionL1Sphere = <P>(params: P, scale: Value = 1): Same<P> => {
  check('projectionL1Sphere', { scale }, radius)
  return evaluatedLike('projectionL1Sphere', params, (values) => l1Sphere(values, scale))
}
