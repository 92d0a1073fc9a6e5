import { add, check, div, evaluatedLike, type Given, mul, type Same, sub, type Tree, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { beside } from '../internal/beside.js'
import { offset } from '../internal/scalars.js'

/**
 * The nearest tree of which a linear function has a given value, all leaves together.
 *
 *     argmin ‖x − y‖²  over ⟨a, y⟩ = b        y = x + s a, s = (b − ⟨x, a⟩) / ⟨a, a⟩
 *
 * Arrays give arrays of the same dtype as x, expressions give expressions. NaN where a is 0.
 *
 * Laws: ⟨a, y⟩ = b, up to rounding; idempotent, up to rounding; no two trees come to be farther apart; the identity plus a constant less {@link projectionVector}.
 *
 * @param a - the normal of the hyperplane: a tree like x, or a prefix of one, where a number stands for all that is at and below its place.
 * @param b - the value of ⟨a, y⟩, a finite number or a lazy scalar.
 *
 * @example
 * projectionHyperplane({ w: new Float64Array([3, 1]), b: 2 }, { w: new Float64Array([1, 1]), b: 0 }, 0)
 * // => { w: Float64Array [1, -1], b: 2 }
 * // Of mean 0:
 * projectionHyperplane([1, 2, 6], 1, 0) // => [-2, -1, 3]
 *
 * @throws InvalidOption for a `b` that is no finite number; InvalidTree with the path, where a does not fit x.
 */
export const projectionHyperplane = <P>(x: P, a: NoInfer<Given<P>> | Tree, b: Value): Same<P> => {
  check('projectionHyperplane', { b }, offset)
  return evaluatedLike('projectionHyperplane', x, (values) => {
    // What is given is a tree, or is refused here.
    const normal = beside('projectionHyperplane', 'a', a as Tree, values, 'x')
    const share = div(sub(b, tree.vdot(values, normal)), tree.squaredNorm(normal))
    return tree.map((v, n) => add(v, mul(share, n)), values, normal)
  })
}
