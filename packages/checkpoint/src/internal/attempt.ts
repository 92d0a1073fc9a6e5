import { type Either, left, right } from 'fp-ts/lib/Either.js'
import { CheckpointError, type CheckpointFlaw } from '../error.js'

/** Ends the reading of a file: `entry must be wanted, got got`. */
export type Refuse = (kind: CheckpointFlaw, entry: string, wanted: string, got: string) => never

/** How a reader says no, in the name of the function that was called. */
export const refuseFor =
  (owner: string): Refuse =>
  (kind, entry, wanted, got) => {
    throw new CheckpointError({ owner, kind, entry, wanted, got })
  }

/**
 * What a reader gives, or the {@link CheckpointError} that ended it. Inside a reader a flaw is thrown, so that no step of it need
 * carry it on; at its edge it is a value. Any other error is one of ours, and passes.
 */
export const attempt = <T>(owner: string, read: (refuse: Refuse) => T): Either<CheckpointError, T> => {
  try {
    return right(read(refuseFor(owner)))
  } catch (error) {
    return asLeft(error)
  }
}

/** {@link attempt} for a reader that waits. */
export const attemptAsync = async <T>(
  owner: string,
  read: (refuse: Refuse) => Promise<T>
): Promise<Either<CheckpointError, T>> => {
  try {
    return right(await read(refuseFor(owner)))
  } catch (error) {
    return asLeft(error)
  }
}

const asLeft = (error: unknown): Either<CheckpointError, never> => {
  if (error instanceof CheckpointError) return left(error)
  throw error
}
