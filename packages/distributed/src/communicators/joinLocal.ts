import { InvalidOption, show } from '@gradchain/core'
import { communicatorOver } from '../internal/over.js'
import { shared, takeSeat } from '../internal/shared.js'
import type { Communicator } from './communicator.js'
import type { LocalSeat } from './localGroup.js'

/**
 * The communicator of a seat of `localGroup`, for the thread that calls it. Sums are taken in the order of ranks, left to right, so that
 * they are the same whatever else is sent, and repeat.
 *
 * Ranks may even be in one thread, if all of it is awaited: `wait` of one would keep the others from coming.
 *
 * @example
 * const [first, second] = localGroup(2).map(joinLocal) as [Communicator, Communicator]
 * const sums = [first.allReduce(Float32Array.of(1, 2)), second.allReduce(Float32Array.of(10, 20))]
 * await Promise.all(sums.map((sum) => sum.promise())) // => [Float32Array [11, 22], Float32Array [11, 22]]
 *
 * @throws InvalidOption for what is no seat, and for one that is taken.
 */
export const joinLocal = (seat: LocalSeat): Communicator => {
  if (!(seat?.memory instanceof SharedArrayBuffer)) {
    throw new InvalidOption(`joinLocal: seat must be one that localGroup made, got ${show(seat)}`)
  }
  const { memory, rank, size, timeout } = seat
  if (!takeSeat(memory, rank, size)) {
    throw new InvalidOption(`joinLocal: seat must be free, got that of rank ${rank}, which is taken`)
  }
  return communicatorOver(shared(memory, rank, size), timeout)
}
