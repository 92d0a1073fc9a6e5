import type { Leaf, Tree } from '@gradchain/core'
import type { Lend } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { bytesOfLeaf } from './buckets.js'

/** Less is as soon there fresh. */
const LEAST = 1 << 16
/** How many pieces of memory wait for another step at the most. */
const MOST = 4

/** The memory that waits, of each communicator. */
const idle = /* @__PURE__ */ new WeakMap<Communicator, ArrayBuffer[]>()

/**
 * Arrays for what comes of a reduction in the middle of an update, in the memory of an earlier one: to touch fresh memory takes as long as to reduce it. `undefined` where
 * they must be fresh.
 */
export const lentLike = (comm: Communicator, arrays: Tree<Leaf>, lend: Lend | null): Tree<Leaf> | undefined => {
  const leaves = tree.leaves<Leaf>(arrays)
  const places = [0]
  for (const leaf of leaves) places.push((places.at(-1) as number) + 8 * Math.ceil(bytesOfLeaf(leaf) / 8))
  const length = places.at(-1) as number
  if (lend === null || length < LEAST) return undefined
  const waiting = idle.get(comm) ?? []
  idle.set(comm, waiting)
  const at = waiting.findIndex(({ byteLength }) => byteLength === length)
  const memory = at < 0 ? new ArrayBuffer(length) : (waiting.splice(at, 1)[0] as ArrayBuffer)
  lend(memory, () => {
    waiting.push(memory)
    if (waiting.length > MOST) waiting.shift()
  })
  const over = (leaf: Leaf, i: number): Leaf => {
    if (typeof leaf === 'number') return leaf
    if ('data' in leaf) return { ...leaf, data: dataOver(leaf.data, memory, places[i] as number) } as Leaf
    return dataOver(leaf, memory, places[i] as number)
  }
  return tree.unflatten(arrays, leaves.map(over)) as Tree<Leaf>
}

type ArrayOf<T> = new (memory: ArrayBuffer, from: number, count: number) => T

const dataOver = <T extends { readonly length: number }>(like: T, memory: ArrayBuffer, from: number): T =>
  new (like.constructor as ArrayOf<T>)(memory, from, like.length)
