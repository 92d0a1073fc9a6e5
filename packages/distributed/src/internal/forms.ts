import { Expr, type Leaf, type Operand, shapeOf, type Tree } from '@gradchain/core'
import { lift } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { CommunicationError } from '../communicators/communicationError.js'
import type { Communicator } from '../communicators/communicator.js'
import { differenceOf, flatten, leafInWords } from './template.js'

/** The form of a leaf, in the words that messages have for it: a text, of which ranks compare all and send nothing. */
export const formOf = (leaf: Operand): string => {
  const x = lift(leaf)
  if (!(x instanceof Expr) || x.isScalar) return leafInWords({ leaf: 'number' })
  return leafInWords(
    x.shape === null
      ? { leaf: 'bare', type: x.dtype, length: x.size }
      : { leaf: 'shaped', type: x.dtype, shape: shapeOf(x) }
  )
}

/**
 * What each rank has, where that may have any form, but comes of trees of one form.
 *
 * @throws CommunicationError on all ranks alike when those trees differ, with rank and path.
 */
export const gatherAlike = <T>(comm: Communicator, owner: string, values: Tree | Tree<Leaf>, own: T): readonly T[] => {
  const form = JSON.stringify(tree.map(formOf, values as Tree<Operand>))
  const parts = comm.allGather({ form, own }).wait()
  const [first, ...others] = parts.map((part) => part.form) as [string, ...string[]]
  const templateOf = (text: string) => flatten(owner, JSON.parse(text)).template
  for (const [i, other] of others.entries()) {
    // Keys may come in any order.
    const difference = other === first ? undefined : differenceOf(templateOf(first), templateOf(other))
    if (difference !== undefined) {
      const { path, first: ours, second: theirs } = difference
      throw new CommunicationError(
        'disagreement',
        `${owner}: ${path} must be the same on all ranks, got ${ours} on rank 0 and ${theirs} on rank ${i + 1}`
      )
    }
  }
  return parts.map((part) => part.own)
}
