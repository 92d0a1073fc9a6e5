import { paramsAfter, type Tree, updatesTo } from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { meanOverRanks } from './meanOverRanks.js'

/** The updates that lead from a rank's params to the mean of what they are on all ranks after updates of its own. */
export const movedTogether = (comm: Communicator, params: Tree, own: Tree): Tree =>
  updatesTo(params, meanOverRanks(comm, paramsAfter(params, own)))
