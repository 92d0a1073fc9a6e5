import { applyUpdates, type Given, type Same } from '@gradchain/core'
import type { NesterovLookaheadState } from './nesterovLookahead.js'

/**
 * The params at which {@link nesterovLookahead} wants the next gradient: p + μ v.
 *
 * Laws: the params themselves before the first update; each leaf is treated as if it were alone.
 *
 * @param params - the params p.
 * @param state - the state of `nesterovLookahead` for them, or its part of the state of a chain.
 *
 * @example
 * const tx = nesterovLookahead(scale(-1), 0.5)
 * const params = { w: new Float32Array([8]) }
 * const [updates, state] = tx.update({ w: new Float32Array([2]) }, tx.init(params), params)
 * lookaheadParams(applyUpdates(params, updates), state) // => { w: Float32Array [5] }
 *
 * @throws InvalidTree with the path, when the state is not for such params.
 * @see nesterovLookahead
 */
export const lookaheadParams = <P>(params: P, state: NesterovLookaheadState<unknown>): Same<P> =>
  // The type of the tree inside a state is erased; `init` gave it that of the params.
  applyUpdates<P>(params, state.ahead as Given<P>)
