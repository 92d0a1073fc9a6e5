import { callable, check } from '../check.js'
import { transformation } from './transformation.js'
import type { EmptyState, GradientTransformation, Tree } from './types.js'

/**
 * A transformation without a state, out of a function of the updates and the params, both trees of expressions.
 *
 * @example
 * const pullToZero = stateless((updates, params) => tree.map((u, p) => sub(u, mul(0.1, p)), updates, params))
 * pullToZero.update({ w: 1 }, {}, { w: 5 })[0] // => { w: 0.5 }
 *
 * @throws InvalidOption when `f` is no function.
 */
export const stateless = (f: (updates: Tree, params: Tree) => Tree): GradientTransformation<EmptyState> => {
  check('stateless', { f }, callable)
  return transformation<EmptyState>({
    origin: ['stateless', f],
    init: () => ({}),
    update: (updates, state, params) => [f(updates, params), state]
  })
}
