import { check, InvalidOption, isContainer, oneOf, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator, ReduceOp } from './communicator.js'
import type { Pending } from './pending.js'

/**
 * The only rank there is: what is reduced, gathered or broadcast is a copy of what was given. A program for many ranks runs
 * with it as it is.
 *
 * @example
 * const comm = solo()
 * comm.size // => 1
 * comm.allReduce({ w: Float32Array.of(1, 2) }, { op: 'mean' }).wait() // => { w: Float32Array [1, 2] }
 * comm.allGather(3).wait() // => [3]
 */
export const solo = (): Communicator => {
  const given = <T>(value: T): Pending<T> => ({ wait: () => value, promise: () => Promise.resolve(value) })
  const checked = (owner: string, options: { readonly op?: ReduceOp }) => {
    const { op } = withDefaults(owner, options, { op: 'sum' as ReduceOp })
    check(owner, { op }, oneOf('sum', 'mean', 'max', 'min'))
  }
  return {
    rank: 0,
    size: 1,
    name: 'solo',
    allReduce: (values, options = {}) => {
      checked('allReduce', options)
      return given(copied(values))
    },
    reduceScatter: (parts, options = {}) => {
      checked('reduceScatter', options)
      if (parts.length !== 1) {
        throw new InvalidOption(`reduceScatter: parts must be one tree for each of 1 ranks, got ${parts.length}`)
      }
      return given(copied(parts[0] as (typeof parts)[number]))
    },
    allGather: (values) => given([copied(values)]),
    broadcast: (values, root = 0) => {
      check('broadcast', { root }, oneOf(0))
      return given(copied(values))
    },
    exchange: (values, { to, from }) => {
      check('exchange', { to, from }, oneOf(0))
      return given(copied(values))
    },
    barrier: () => given(undefined),
    close: () => {}
  }
}

const copied = <T>(values: T): T =>
  (isContainer(values) ? tree.map((leaf) => structuredClone(leaf), values) : structuredClone(values)) as T
