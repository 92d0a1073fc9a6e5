import { check, type Requirement, withDefaults } from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { aCommunicator } from '../internal/requirements.js'

/** Options of {@link broadcastParams}. */
export interface BroadcastParamsOptions {
  /** The rank whose params all get. @defaultValue `0` */
  readonly root?: number
}

/**
 * The params of one rank, for all ranks: before the first step, so that all begin with the same, and after a checkpoint that one of them has read. A state
 * is a tree, too: `broadcastParams(comm, { params, state })`.
 *
 * Every rank must call it, with a tree of the same form; what the others have in it does not matter.
 *
 * Laws: idempotent; the same on all ranks to the bit.
 *
 * @example
 * import { solo } from '@gradchain/distributed'
 *
 * broadcastParams(solo(), { w: new Float32Array([1, 2]), n: 3 }) // => { w: Float32Array [1, 2], n: 3 }
 *
 * @throws InvalidOption for what is no communicator, or no rank; InvalidTree for what ranks cannot send each other; CommunicationError when ranks have
 * trees of different forms, with rank and path, or one is late or lost.
 */
export const broadcastParams = <T>(comm: Communicator, params: T, options: BroadcastParamsOptions = {}): T => {
  const { root } = withDefaults<Required<BroadcastParamsOptions>>('broadcastParams', options, { root: 0 })
  check('broadcastParams', { comm }, aCommunicator)
  check('broadcastParams', { root }, rankOf(comm))
  return comm.broadcast(params, root).wait()
}

const rankOf = ({ size }: Communicator): Requirement => ({
  what: `a rank, from 0 to ${size - 1}`,
  holds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < size
})
