import { isContainer, type Leaf, type Operand, sumSquares, type Tree } from '@gradchain/core'
import { hostCall } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'

/** √Σx² over the leaves of all ranks, each of which stands on one of them. */
export const shardedNorm = (comm: Communicator, values: Tree | Tree<Leaf>): number => {
  const leaves = tree.leaves<Operand>(values as Tree<Operand>)
  const squares = leaves.map((leaf) => sumSquares(leaf))
  const norms = leaves.map((leaf) => tree.norm(leaf as Tree))
  return hostCall([squares, norms] as Tree, (measured) => {
    const own = { places: placesIn(values), measured }
    return lengthOf(comm.allGather(own).wait() as readonly Measured[])
  })
}

interface Measured {
  readonly places: readonly number[]
  /** Of each leaf its sum of squares, and its length. */
  readonly measured: readonly [squares: readonly number[], norms: readonly number[]]
}

/** Where the leaves stand among all places of the tree, those of other ranks' leaves included, in which there is `null`. */
const placesIn = (values: unknown): readonly number[] => {
  const places: number[] = []
  let count = 0
  const visit = (node: unknown): void => {
    if (isContainer(node)) {
      for (const child of Object.values(node)) visit(child)
      return
    }
    if (node !== null) places.push(count)
    count += 1
  }
  visit(values)
  return places
}

const lengthOf = (parts: readonly Measured[]): number => {
  const all = parts.flatMap(({ places, measured: [squares, norms] }) =>
    places.map((place, i) => ({ place, square: squares[i] as number, norm: norms[i] as number }))
  )
  // In the order of the whole tree, as without shards.
  all.sort((a, b) => a.place - b.place)
  const total = all.reduce((sum, { square }) => sum + square, 0)
  if (Number.isFinite(total) && total >= LEAST) return Math.sqrt(total)
  // Squares are out of range: lengths are added up, in units of the longest.
  const longest = Math.max(0, ...all.map(({ norm }) => norm))
  if (longest === 0 || !Number.isFinite(longest)) return longest
  const shares = all.map(({ norm }) => norm / longest)
  return longest * Math.sqrt(shares.reduce((sum, share) => sum + share * share, 0))
}

/** Below it the squares of single elements lose digits. */
const LEAST = 1e-280
