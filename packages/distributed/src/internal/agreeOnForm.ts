import { Expr, type Leaf, type Operand, shapeOf, type Tree } from '@gradchain/core'
import { lift } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'

/**
 * Makes sure that the trees of all ranks have the same form, before what follows depends on it, such as how many calls there are to be.
 *
 * @throws CommunicationError on all ranks alike, with rank and path.
 */
export const agreeOnForm = (comm: Communicator, values: Tree | Tree<Leaf>): void => {
  // Texts are compared and nothing of them is sent.
  comm.allReduce(tree.map((leaf: Operand) => formOf(leaf), values as Tree<Operand>)).wait()
}

const formOf = (leaf: Operand): string => {
  const x = lift(leaf)
  if (!(x instanceof Expr) || x.isScalar) return 'a number'
  return x.shape === null ? `bare ${x.dtype} of length ${x.size}` : `${x.dtype} of shape [${shapeOf(x).join(', ')}]`
}
