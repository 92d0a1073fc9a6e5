import type { Elements } from './elements.js'
import type { Steps } from './line.js'

/** What carries bytes between ranks. All ranks call the same thing with the same sizes: that they do was made sure of before. */
export interface Transport {
  readonly rank: number
  readonly size: number
  readonly name: string
  /** The bytes of all ranks, one behind the other; as many of each. */
  readonly gather: (mine: Uint8Array<ArrayBufferLike>) => Steps<Uint8Array<ArrayBufferLike>>
  /** The bytes of each rank, of known lengths. */
  readonly gatherParts: (
    mine: Uint8Array<ArrayBufferLike>,
    lengths: readonly number[]
  ) => Steps<readonly Uint8Array<ArrayBufferLike>[]>
  /** Sums of elements; of signed integers also the largest. */
  readonly reduce: (op: 'sum' | 'max', mine: Elements, into: Elements) => Steps<void>
  /** The same of stretches of elements, one for each rank, of which this rank gets its own. */
  readonly reduceParts: (op: 'sum' | 'max', mine: Elements, lengths: readonly number[], into: Elements) => Steps<void>
  /** The bytes of the rank `root`, in place. */
  readonly broadcast: (bytes: Uint8Array<ArrayBufferLike>, root: number) => Steps<void>
  /** Gives bytes to a rank and takes as many from another. */
  readonly exchange: (
    mine: Uint8Array<ArrayBufferLike>,
    to: number,
    into: Uint8Array<ArrayBufferLike>,
    from: number
  ) => Steps<void>
  /** The last thing that is called: in an orderly way, or because of an error. */
  readonly end: (error?: Error) => void
}
