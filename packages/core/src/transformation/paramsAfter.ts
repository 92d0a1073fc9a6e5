import type { Value } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { addUpdates } from './addUpdates.js'
import { roundedLike } from './rounded.js'
import type { Tree } from './types.js'

/**
 * The params that updates lead to, for those who write wrappers: what {@link applyUpdates} will make of the updates once these
 * have left the transformation, where they are rounded to the dtype of the gradients.
 *
 * @example
 * const tx = stateless((updates, params) => tree.sub(paramsAfter(params, updates), params))
 * tx.update({ w: 0.5 }, {}, { w: 1 })[0] // => { w: 0.5 }
 *
 * @throws InvalidTree with the path, where the two do not have the same structure and shapes.
 */
export const paramsAfter = (params: Tree, updates: Tree): Tree =>
  addUpdates(params as Tree<Value>, map(roundedLike, updates, params) as Tree<Value>)
