import { check, InvalidState, isContainer, type Requirement } from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { aCommunicator } from '../internal/requirements.js'
import type { ShardedState } from './shardedState.js'

/**
 * The state that the inner transformation of `shardedState` would have without shards, out of the parts of all ranks; every rank gets it. One of
 * them saves it, for any number of ranks to go on from.
 *
 * Every rank must call it.
 *
 * Laws: to the bit the state of the inner transformation after the same steps; {@link shardState} undoes it.
 *
 * @param state - the state of `shardedState`, or that of a chain's part of it.
 *
 * @example
 * import { solo } from '@gradchain/distributed'
 *
 * const tx = shardedState(trace(0.5), solo())
 * gatherState(solo(), tx.init({ w: new Float32Array(2) })) // => { count: 0, trace: { w: Float32Array [0, 0] } }
 *
 * @throws InvalidOption for what is no communicator; InvalidState for what is no state of `shardedState`.
 */
export const gatherState = <Inner>(comm: Communicator, state: ShardedState<Inner>): Inner => {
  check('gatherState', { comm }, aCommunicator)
  if (!hasInner.holds(state)) throw new InvalidState(`gatherState: state must be ${hasInner.what}`)
  const parts = comm.allGather<unknown>(state.innerState).wait()
  return merged(parts) as Inner
}

const hasInner: Requirement = {
  what: 'a state of shardedState',
  holds: (value) => isContainer(value) && isContainer((value as { readonly innerState?: unknown }).innerState)
}

/** What is there of any rank: `null` is where it is not, and what is there on several is the same. */
const merged = (parts: readonly unknown[]): unknown => {
  const there = parts.filter((part) => part !== null && part !== undefined)
  const [first] = there
  if (there.length === 0) return null
  if (!isContainer(first)) return first
  const keys = [...new Set(there.flatMap((part) => Object.keys(part as object)))]
  const of = (key: string): unknown => merged(there.map((part) => (part as Readonly<Record<string, unknown>>)[key]))
  return Array.isArray(first) ? keys.map(of) : Object.fromEntries(keys.map((key) => [key, of(key)]))
}
