import type { Requirement } from '@gradchain/core'

/** What a communicator must be. */
export const aCommunicator: Requirement = {
  what: 'a communicator, such as solo() or what mpi() gives',
  holds: (value) => {
    const { allReduce, allGather, rank, size } = Object(value) as Readonly<Record<string, unknown>>
    return [allReduce, allGather].every((f) => typeof f === 'function') && [rank, size].every(Number.isInteger)
  }
}
