import { castLike, force, InvalidState, type Same, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { isObject } from '../internal/requirements.js'
import { averageAt } from '../internal/scheduleFree.js'
import type { ScheduleFreeState } from './scheduleFree.js'

/**
 * The params to evaluate with, out of a schedule-free run: the average of where its inner transformation was.
 *
 *     x = (y − (1 − β) z) / β
 *
 * Inside a chain it is the part that is given, `state[1]`.
 *
 * Laws: before the first update, the params; reading changes nothing; each leaf is treated as if it were alone.
 *
 * @param state - the state of {@link scheduleFree}.
 * @param params - the params y that were trained.
 *
 * @example
 * const tx = scheduleFree(scale(-1), 1, { b1: 0.5 })
 * let params = { w: new Float32Array([8]) }
 * let state = tx.init(params)
 * ;[params, state] = step(tx, { w: new Float32Array([4]) }, state, params)
 * ;[params, state] = step(tx, { w: new Float32Array([4]) }, state, params)
 * scheduleFreeEvalParams(state, params) // => { w: Float32Array [2] }
 *
 * @throws InvalidState for another state; InvalidTree when it is one for other params.
 * @see scheduleFree
 */
export const scheduleFreeEvalParams = <P>(state: ScheduleFreeState<unknown>, params: P): Same<P> => {
  if (!isObject(state) || typeof state.b1 !== 'number' || !Object.hasOwn(state, 'z')) {
    throw new InvalidState(`scheduleFreeEvalParams: state must be that of scheduleFree, got ${show(state)}`)
  }
  // A tree of leaves comes back with the structure and dtypes of the params: on the outside the type is kept.
  return force(tree.map((y, z) => castLike(averageAt(y, z, state.b1), y), params as Tree, state.z)) as Same<P>
}
