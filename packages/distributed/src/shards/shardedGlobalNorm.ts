import { check, type Valid } from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { aCommunicator } from '../internal/requirements.js'
import { shardedNorm } from '../internal/shardedNorm.js'

/**
 * √Σx² over all elements of the trees of all ranks, in float64: the global norm of what is shared out among them. Every rank gets it, and must
 * call it.
 *
 * Laws: the same on all ranks to the bit; where each leaf stands on one rank and `null` in its place on others, to the bit `globalNorm` of the whole tree, as long as its
 * square can be written as a float64.
 *
 * @param values - this rank's part; what several ranks have counts once for each.
 *
 * @example
 * import { joinLocal, localGroup, solo } from '@gradchain/distributed'
 *
 * shardedGlobalNorm(solo(), { w: new Float32Array([3, 4]) }) // => 5
 *
 * @throws InvalidOption for what is no communicator; InvalidTree for what is no tree of arrays.
 */
export const shardedGlobalNorm = <P>(comm: Communicator, values: Valid<P>): number => {
  check('shardedGlobalNorm', { comm }, aCommunicator)
  return shardedNorm(comm, values as never)
}
