import { div, evaluatedLike, type Given, mul, type Same, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { beside } from '../internal/beside.js'

/**
 * The nearest tree that is a multiple of another, all leaves together.
 *
 *     argmin ‖x − y‖²  over y = t a        y = ⟨x, a⟩ / ⟨a, a⟩ · a
 *
 * Arrays give arrays of the same dtype as x, expressions give expressions. NaN where a is 0.
 *
 * Laws: linear in x; blind to the scale of a; idempotent, up to rounding; x − y is at a right angle to a; no two trees come to be farther
 * apart.
 *
 * @param a - what is projected onto: a tree like x, or a prefix of one, where a number stands for all that is at and below its place.
 *
 * @example
 * projectionVector({ w: new Float64Array([3, 1]), b: 2 }, { w: new Float64Array([1, 1]), b: 0 }) // => { w: Float64Array [2, 2], b: 0 }
 * projectionVector([1, 2, 6], 1) // => [3, 3, 3]
 *
 * @throws InvalidTree with the path, where the two do not fit.
 */
export const projectionVector = <P>(x: P, a: NoInfer<Given<P>> | Tree): Same<P> =>
  evaluatedLike('projectionVector', x, (values) => {
    // What is given is a tree, or is refused here.
    const direction = beside('projectionVector', 'a', a as Tree, values, 'x')
    const share = div(tree.vdot(values, direction), tree.squaredNorm(direction))
    return tree.map((d) => mul(share, d), direction)
  })
