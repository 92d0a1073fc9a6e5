import { add, castLike, div, force, type Leaf, type Operand, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { decoded, encoded, type Message } from './message.js'

/** The mean over ranks of trees that say little, such as what a compressor makes: each rank sends the others the smallest message that says its own. */
export const meanOfMessages = (comm: Communicator, arrays: Tree<Leaf>): Tree<Leaf> => {
  const leaves = tree.leaves<Leaf>(arrays)
  const parts = comm.allGather<readonly Message[]>(leaves.map(encoded)).wait()
  const own = parts.map(
    (part) =>
      (i: number): Leaf =>
        decoded(part[i] as Message, leaves[i] as Leaf)
  )
  const means = leaves.map((leaf, i) => {
    // One leaf of one rank after the other, so that no more than two are there at once.
    const sum = own.reduce<Operand | null>((total, of) => force(added(total, tree.widen(of(i)))) as Leaf, null)
    return force(castLike(div(sum as Operand, comm.size), leaf)) as Leaf
  })
  return tree.unflatten(arrays, means) as Tree<Leaf>
}

const added = (total: Operand | null, x: Tree): Tree => (total === null ? x : add(total, x as Operand))
