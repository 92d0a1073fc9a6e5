import type { Leaf, Tree } from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { together } from './together.js'

/** The mean of the trees of all ranks, the same on each. */
export const meanOverRanks = (comm: Communicator, values: Tree): Tree =>
  together('meanOverRanks', values, (arrays: Tree<Leaf>) => comm.allReduce(arrays, { op: 'mean' }).wait())
