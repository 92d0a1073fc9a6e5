import type { Leaf, Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'

/**
 * Makes sure that the trees of all ranks have the same form, before what follows depends on it, such as how many calls there are to be.
 *
 * @throws CommunicationError on all ranks alike, with rank and path.
 */
export const agreeOnForm = (comm: Communicator, values: Tree<Leaf>): void => {
  // Texts are compared and nothing of them is sent.
  comm.allReduce(tree.map((leaf: Leaf) => formOf(leaf), values)).wait()
}

const formOf = (leaf: Leaf): string => {
  if (typeof leaf === 'number') return 'a number'
  if ('shape' in leaf) return `${leaf.dtype} of shape [${leaf.shape.join(', ')}]`
  return `${leaf.constructor.name} of length ${leaf.length}`
}
