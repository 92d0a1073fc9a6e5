import { GradchainError } from '@gradchain/core'

/**
 * What is wrong with a checkpoint, to branch on:
 *
 * - `unreadable`: there is no such file, or it cannot be read;
 * - `truncated`: it ends before what it says it holds;
 * - `corrupt`: a checksum does not fit;
 * - `malformed`: it breaks the rules of its format;
 * - `tooLarge`: something in it is beyond a limit;
 * - `refused`: it holds what is never read, such as a key `__proto__` or a call in a pickle;
 * - `unsupported`: a version, a dtype or a part of the format that is not known here;
 * - `mismatch`: it is whole, and does not fit what it is to become.
 */
export type CheckpointFlaw =
  | 'unreadable'
  | 'truncated'
  | 'corrupt'
  | 'malformed'
  | 'tooLarge'
  | 'refused'
  | 'unsupported'
  | 'mismatch'

/** What a {@link CheckpointError} says, in parts. */
export interface CheckpointErrorParts {
  /** The function that was called, such as `load`. */
  readonly owner: string
  /** What kind of flaw it is. */
  readonly kind: CheckpointFlaw
  /** Where it is: a file, a part of it, a tensor or a path in a tree. */
  readonly entry: string
  /** What must be there, in words that end the sentence "must be …". */
  readonly wanted: string
  /** What is there instead, in words. */
  readonly got: string
}

/**
 * Why a checkpoint was not read: one sentence that names the entry, what was wanted and what came. It is a value, the left of an
 * `Either`; whoever would rather have it thrown can throw it.
 *
 * @example
 * const loaded = load(new Uint8Array(4))
 * loaded._tag // => 'Left'
 * loaded._tag === 'Left' && loaded.left.kind // => 'truncated'
 * loaded._tag === 'Left' && loaded.left.message // => 'load: the file must be at least 8 bytes long, got 4 bytes'
 */
export class CheckpointError extends GradchainError {
  readonly _tag = 'CheckpointError'
  /** What kind of flaw it is. */
  readonly kind: CheckpointFlaw
  /** Where it is: a file, a part of it, a tensor or a path in a tree. */
  readonly entry: string
  /** What must be there. */
  readonly wanted: string
  /** What is there instead. */
  readonly got: string

  constructor({ owner, kind, entry, wanted, got }: CheckpointErrorParts) {
    super(`${owner}: ${entry} must be ${wanted}, got ${got}`)
    this.kind = kind
    this.entry = entry
    this.wanted = wanted
    this.got = got
  }
}
