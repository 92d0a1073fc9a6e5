import { addUpdates } from './addUpdates.js'
import { evaluateTrees, inFormOf, isLazy, liftPair } from './edge.js'
import type { Given, Like } from './types.js'

/**
 * The params after an update: p + u for every leaf, in the dtype of p.
 *
 * @example
 * applyUpdates({ w: new Float32Array([1, 2]), b: 1 }, { w: new Float32Array([0.5, -1]), b: -3 })
 * // => { w: Float32Array [1.5, 1], b: -2 }
 *
 * @throws InvalidTree with the path, where the two do not have the same structure, shapes and dtypes.
 */
export const applyUpdates = <P>(params: P, updates: NoInfer<Given<P>>): Like<P> => {
  const [u, p] = liftPair('applyUpdates', updates, params, 'updates')
  const sum = addUpdates(p, u)
  if (isLazy(params)) return sum as Like<P>
  evaluateTrees(sum)
  return inFormOf(sum, p) as Like<P>
}
