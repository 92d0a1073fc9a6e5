import {
  callable,
  check,
  type EmptyState,
  type GradientTransformation,
  type Operand,
  stateless,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * A transformation without a state, out of a function of one leaf of the updates and the leaf of the params that belongs to
 * it, both expressions.
 *
 *     u = f(g, p)    leaf by leaf
 *
 * Laws: `stateless` of the map of `f`; leaf by leaf; in a chain, one after the other is the composition of their functions.
 *
 * @example
 * const pullToZero = statelessWithTreeMap((g, p) => sub(g, mul(0.5, p)))
 * pullToZero.update({ w: [1, 2] }, {}, { w: [4, 8] })[0] // => { w: [-1, -2] }
 *
 * @throws InvalidOption when `f` is no function.
 * @see stateless, for a function of whole trees.
 */
export const statelessWithTreeMap = (
  f: (update: Operand, param: Operand) => Operand
): GradientTransformation<EmptyState> => {
  check('statelessWithTreeMap', { f }, callable)
  return withOrigin(
    ['statelessWithTreeMap', f],
    stateless((updates, params) => tree.map((g, p) => f(g, p), updates, params))
  )
}
