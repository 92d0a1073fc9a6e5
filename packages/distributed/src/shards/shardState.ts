import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  InvalidState,
  isContainer,
  type StateOf,
  show,
  type Tree,
  type Valid
} from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { ownersOf, shardOf } from '../internal/owners.js'
import { aCommunicator } from '../internal/requirements.js'
import type { ShardedState } from './shardedState.js'

/**
 * This rank's part of a state, for `shardedState` to go on from: of one that {@link gatherState} has put together, or that the inner transformation
 * had without shards. The number of ranks may be another one than when it was saved.
 *
 * Laws: going on from it is going on, to the bit.
 *
 * @param inner - the transformation within `shardedState`.
 * @param params - the params of all ranks.
 * @param state - the state of `inner` for all of them.
 *
 * @example
 * import { solo } from '@gradchain/distributed'
 *
 * const inner = trace(0.5)
 * const params = { w: new Float32Array(2) }
 * shardState(solo(), inner, params, inner.init(params)) // => { innerState: { count: 0, trace: { w: Float32Array [0, 0] } } }
 *
 * @throws InvalidOption for what is no communicator or no transformation; InvalidState with the path, for the state of another transformation or
 * of other params.
 */
export const shardState = <T extends AnyGradientTransformation, P>(
  comm: Communicator,
  inner: T,
  params: Valid<P>,
  state: StateOf<T>
): ShardedState<StateOf<T>> => {
  check('shardState', { comm }, aCommunicator)
  definitionOf('shardState', inner)
  const whole = params as Tree
  const part = shardOf(whole, ownersOf(whole, comm.size), comm.rank)
  const init = inner.init as (params: Tree) => unknown
  return { innerState: partOf(state, init(whole), init(part), '') as StateOf<T> }
}

/** What of a state is there in that of fewer params. */
const partOf = (state: unknown, all: unknown, some: unknown, path: string): unknown => {
  if (isContainer(state) !== isContainer(all) || (state === null) !== (all === null)) refuse(path, state, all)
  if (some === null || some === undefined) return null
  if (!isContainer(some) || !isContainer(state) || !isContainer(all)) return state
  const [own, whole] = [state, all].map((node) => node as unknown as Readonly<Record<string, unknown>>)
  const missing = Object.keys(all).find((key) => !Object.hasOwn(state, key))
  if (missing !== undefined) refuse(`${path}.${missing}`, undefined, whole?.[missing])
  const of = (key: string): unknown =>
    partOf(own?.[key], whole?.[key], (some as unknown as Readonly<Record<string, unknown>>)[key], `${path}.${key}`)
  return Array.isArray(some)
    ? some.map((_, i) => of(String(i)))
    : Object.fromEntries(Object.keys(some).map((key) => [key, of(key)]))
}

const refuse = (path: string, state: unknown, all: unknown): never => {
  throw new InvalidState(`shardState: state${path} is ${show(state)}, where a fresh state has ${show(all)}`)
}
