import {
  add,
  callable,
  check,
  type EmptyState,
  equal,
  type GradientTransformation,
  type Operand,
  sub,
  type Tree,
  transformation,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Keeps params in a set: changes updates so that they lead to the point of the set that is nearest to where they would have led.
 *
 * For the update g, the params p and the projection Π:
 *
 *     u = Π(p + g) − p        for each element that Π moves
 *     u = g                   elsewhere
 *
 * It stands last in a chain, after the learning rate: what it is given is what is added to the params. With `scale(-η)` before it, it is
 * projected gradient descent. Optax has no such transformation: there params are projected after `apply_updates`. To constrain some leaves
 * alone, wrap it in {@link masked}.
 *
 * Laws: p + u is in the set, up to rounding; nothing changes where Π does not, bit for bit.
 *
 * @param projection - a function from a tree of expressions to one of the same structure and shapes, such as `projectionSimplex`, or
 * `(params) => projectionL2Ball(params, 3)`.
 *
 * @example
 * const tx = chain(scale(-1), projectTo(projectionSimplex))
 * let params = { w: new Float64Array([0.5, 0.25, 0.25]) }
 * let state = tx.init(params)
 * ;[params, state] = step(tx, { w: new Float64Array([0.5, -0.5, 0]) }, state, params)
 * params // => { w: Float64Array [0, 0.75, 0.25] }
 *
 * @throws InvalidOption when the projection is no function; at update, InvalidTree when it gives another structure or other shapes.
 * @see keepParamsNonnegative, keepParamsInBox, maxNorm
 */
export const projectTo = (projection: (params: Tree) => Tree): GradientTransformation<EmptyState> => {
  check('projectTo', { projection }, callable)
  return transformation<EmptyState>({
    origin: ['projectTo', projection],
    init: () => ({}),
    update: (updates, state, params) => {
      const nearest = projection(tree.add(params, updates))
      const kept = tree.map(
        (g: Operand, p: Operand, to: Operand) => where(equal(to, add(p, g)), g, sub(to, p)),
        updates,
        params,
        nearest
      )
      return [kept, state]
    }
  })
}
