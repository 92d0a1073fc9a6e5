import { div, Expr, type Operand, type Tree } from '@gradchain/core'
import { lift } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { bucketsOf, rejoined } from './buckets.js'
import { lentLike } from './lentMemory.js'
import { together } from './together.js'

/**
 * The mean of the trees of all ranks, the same on each.
 *
 * @param owner - the name that stands for what comes from the ranks.
 * @param bucketBytes - how many bytes go on their way together.
 */
export const meanOverRanks = (
  comm: Communicator,
  values: Tree,
  owner = 'meanOverRanks',
  bucketBytes = Infinity
): Tree => {
  // The quotient is one like any other of the update. But of 16 bits the sum is not to be rounded as well.
  const op = tree.leaves<Operand>(values as Tree<Operand>).some(isHalf) ? 'mean' : 'sum'
  const reduced = together(owner, values, (arrays, lend) => {
    const memory = lentLike(comm, arrays, lend)
    const into = memory === undefined ? [] : bucketsOf(memory, bucketBytes)
    // One after the other, as they go on their way: where ranks have other trees, each of them hears of it in the first.
    return rejoined(
      arrays,
      bucketsOf(arrays, bucketBytes).map((bucket, i) =>
        comm.allReduce(bucket, into[i] === undefined ? { op } : { op, into: into[i] }).wait()
      )
    )
  })
  if (op === 'mean' || comm.size === 1) return reduced
  return tree.map((sum: Operand) => div(sum, comm.size), reduced as Tree<Operand>)
}

const isHalf = (leaf: Operand): boolean => {
  const x = lift(leaf)
  return x instanceof Expr && /16/.test(x.dtype)
}
