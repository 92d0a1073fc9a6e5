import { check, div, equal, evaluatedLike, fullLike, mul, type Same, type Value, where } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { radius } from '../internal/scalars.js'

/**
 * The nearest tree of Euclidean norm `scale`, all leaves together.
 *
 *     argmin ‖x − y‖²  over ‖y‖ = scale        y = scale x / ‖x‖
 *
 * Of 0 all points of the sphere are as far: it gives the one whose n elements are all the same, scale / √n. Optax gives NaN there. Arrays
 * give arrays of the same dtype, expressions give expressions.
 *
 * Laws: ‖y‖ = scale and idempotent, up to rounding; odd but at 0; blind to the scale of x, up to rounding, wherever ‖x‖ is a normal
 * float64.
 *
 * @param scale - the radius, finite and > 0, or a lazy scalar; `1` by default.
 *
 * @example
 * projectionL2Sphere({ w: new Float64Array([3, 0]), b: -4 }) // => { w: Float64Array [0.6, 0], b: -0.8 }
 * projectionL2Sphere(new Float64Array([0, 0, 0, 0]), 4) // => Float64Array [2, 2, 2, 2]
 *
 * @throws InvalidOption for another scale; InvalidTree for what is no tree of arrays.
 */
export const projectionL2Sphere = <P>(params: P, scale: Value = 1): Same<P> => {
  check('projectionL2Sphere', { scale }, radius)
  return evaluatedLike('projectionL2Sphere', params, (values) => {
    const norm = tree.norm(values)
    const even = div(scale, Math.sqrt(tree.size(values)))
    return tree.map((x) => where(equal(norm, 0), fullLike(x, even), mul(div(x, norm), scale)), values)
  })
}
