import {
  add,
  check,
  div,
  evaluatedLike,
  type Given,
  min,
  mul,
  type Same,
  sub,
  type Tree,
  type Value
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { beside } from '../internal/beside.js'
import { offset } from '../internal/scalars.js'

/**
 * The nearest tree of which a linear function has at most a given value, all leaves together.
 *
 *     argmin ‖x − y‖²  over ⟨a, y⟩ ≤ b        y = x + min(s, 0) a, s = (b − ⟨x, a⟩) / ⟨a, a⟩
 *
 * Arrays give arrays of the same dtype as x, expressions give expressions. NaN where a is 0.
 *
 * Laws: ⟨a, y⟩ ≤ b, up to rounding; idempotent, up to rounding; no two trees come to be farther apart; what is in the halfspace stays, bit for bit; outside it is {@link projectionHyperplane}.
 *
 * @param a - the normal of the border: a tree like x, or a prefix of one, where a number stands for all that is at and below its place.
 * @param b - the largest value of ⟨a, y⟩, a finite number or a lazy scalar.
 *
 * @example
 * projectionHalfspace({ w: new Float64Array([3, 1]), b: 2 }, 1, 3) // => { w: Float64Array [2, 0], b: 1 }
 * projectionHalfspace({ w: new Float64Array([3, 1]), b: 2 }, 1, 7) // => { w: Float64Array [3, 1], b: 2 }
 *
 * @throws InvalidOption for a `b` that is no finite number; InvalidTree with the path, where a does not fit x.
 */
export const projectionHalfspace = <P>(x: P, a: NoInfer<Given<P>> | Tree, b: Value): Same<P> => {
  check('projectionHalfspace', { b }, offset)
  return evaluatedLike('projectionHalfspace', x, (values) => {
    // What is given is a tree, or is refused here.
    const normal = beside('projectionHalfspace', 'a', a as Tree, values, 'x')
    const share = div(sub(b, tree.vdot(values, normal)), tree.squaredNorm(normal))
    const back = min(share, 0)
    return tree.map((v, n) => add(v, mul(back, n)), values, normal)
  })
}
