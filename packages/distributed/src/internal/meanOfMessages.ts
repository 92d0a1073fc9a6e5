import { add, castLike, div, force, type Leaf, type Operand, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { gatherAlike } from './forms.js'
import { decoded, encoded, type Message } from './message.js'

/** The mean over ranks of trees that say little, such as what a compressor makes: each rank sends the others the smallest message that says its own. */
export const meanOfMessages = (comm: Communicator, owner: string, arrays: Tree<Leaf>): Tree<Leaf> => {
  // By name: other ranks may have their keys in another order.
  const messages: Record<string, Message> = {}
  tree.mapWithPath((path: string, leaf: Leaf) => {
    messages[path] = encoded(leaf)
    return 0
  }, arrays)
  const parts = gatherAlike(comm, owner, arrays, messages)
  return tree.mapWithPath((path: string, leaf: Leaf) => {
    // One leaf of one rank after the other, so that no more than two are there at once.
    const sum = parts.reduce<Operand | null>(
      (total, part) => force(added(total, tree.widen(decoded(part[path] as Message, leaf)))) as Leaf,
      null
    )
    return force(castLike(div(sum as Operand, comm.size), leaf)) as Leaf
  }, arrays) as Tree<Leaf>
}

const added = (total: Operand | null, x: Tree): Tree => (total === null ? x : add(total, x as Operand))
