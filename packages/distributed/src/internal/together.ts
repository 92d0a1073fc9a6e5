import type { Leaf, Operand, Tree } from '@gradchain/core'
import { hostCall, type Lend } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { standing } from './standing.js'

/**
 * What all ranks make of their trees in the middle of an update: a collective in a chain, written once for all that need one.
 *
 * The collective is given the whole tree in ordinary arrays, which it must not write to, and gives a tree of the same form. It is called once in a
 * step, at once, in the order in which the update is built: never by an engine, which may compute things in another order on another rank, or twice, or not at all.
 *
 * @param owner - the name that stands for it in equations and messages.
 */
export const together = (
  owner: string,
  values: Tree,
  collective: (arrays: Tree<Leaf>, lend: Lend | null) => Tree<Leaf>
): Tree => {
  const made = hostCall(values, collective)
  return tree.map((x: Operand, y: Leaf) => standing(owner, x, y), values as Tree<Operand>, made)
}
