import {
  check,
  type EmptyState,
  type GradientTransformation,
  mul,
  type Operand,
  positive,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { aCommunicator } from '../internal/requirements.js'
import { shardedNorm } from '../internal/shardedNorm.js'

/**
 * `clipByGlobalNorm` over the updates of all ranks, of which each has a part: for the inside of {@link shardedState}, where a rank sees its own leaves alone.
 *
 *     u = g · min(1, c / ‖g‖)    ‖g‖ = √Σg², over all elements of all leaves of all ranks, and c = maxNorm
 *
 * Every rank must make the same steps. Outside of shards, where all ranks have all gradients, `clipByGlobalNorm` does the same without a word between them.
 *
 * Laws: within `shardedState` to the bit `clipByGlobalNorm` around it, as long as the square of the norm can be written as a float64.
 *
 * @param comm - all ranks, as this one sees them.
 * @param maxNorm - the largest length c, finite and > 0.
 *
 * @example
 * import { solo } from '@gradchain/distributed'
 *
 * const tx = clipByShardedGlobalNorm(solo(), 1)
 * tx.update({ w: [6, 0], b: 8 }, {}, { w: [0, 0], b: 0 })[0] // => { w: [0.6…, 0], b: 0.8 }
 *
 * @throws InvalidOption at construction, for what is no communicator, or when maxNorm is outside its range.
 * @see shardedGlobalNorm
 */
export const clipByShardedGlobalNorm = (comm: Communicator, maxNorm: number): GradientTransformation<EmptyState> => {
  check('clipByShardedGlobalNorm', { comm }, aCommunicator)
  check('clipByShardedGlobalNorm', { maxNorm }, positive)
  return transformation<EmptyState>({
    origin: ['clipByShardedGlobalNorm', comm, maxNorm],
    init: () => ({}),
    update: (updates, state) => {
      const norm = shardedNorm(comm, updates)
      const factor = norm < maxNorm ? 1 : maxNorm / norm
      return [tree.map((g: Operand) => mul(g, factor), updates as never), state]
    }
  })
}
