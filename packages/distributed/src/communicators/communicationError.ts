import { GradchainError } from '@gradchain/core'

/**
 * Why ranks do not get on together, to branch on:
 *
 * - `late`: a rank did not come within the time limit;
 * - `lost`: a rank has ended, or failed;
 * - `disagreement`: ranks call different things, or with trees that do not fit each other;
 * - `closed`: this communicator was closed, or has failed before;
 * - `unavailable`: what carries the numbers is not there, such as the library of MPI;
 * - `refused`: that library has refused a call.
 */
export type CommunicationFlaw = 'late' | 'lost' | 'disagreement' | 'closed' | 'unavailable' | 'refused'

/**
 * An operation over ranks that came to nothing: one sentence that says which, and who is to blame. After one the communicator
 * is of no use any more, and says so when it is called.
 *
 * @example
 * const error = new CommunicationError('late', 'allReduce: rank 1 did not come within 60 s')
 * error.kind // => 'late'
 * error._tag // => 'CommunicationError'
 */
export class CommunicationError extends GradchainError {
  readonly _tag = 'CommunicationError'
  /** What kind of trouble it is. */
  readonly kind: CommunicationFlaw

  constructor(kind: CommunicationFlaw, message: string) {
    super(message)
    this.kind = kind
  }
}
