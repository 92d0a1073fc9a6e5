import type { Same } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attemptAsync } from '../internal/attempt.js'
import { readSource } from '../internal/readSource.js'
import type { SavedTree } from '../own/savedTree.js'
import { blobSource } from './internal/blobSource.js'

/**
 * {@link load} of a file that the user chose or dropped, or of any Blob: each array is read to where it stays. One that cannot be read
 * any more, as it was changed meanwhile, is a `CheckpointError`, too, of the kind `unreadable`.
 *
 * @example
 * const file = new Blob([Uint8Array.from(save({ count: 3 }))]) // or `input.files[0]`
 * await upload(file, { count: 0 }) // => { _tag: 'Right', right: { count: 3 } }
 */
export function upload(file: Blob): Promise<Either<CheckpointError, SavedTree>>
export function upload<T>(file: Blob, like: T): Promise<Either<CheckpointError, Same<T>>>
export function upload(file: Blob, ...like: readonly [like?: unknown]): Promise<Either<CheckpointError, unknown>> {
  return attemptAsync('upload', (refuse) => readSource(refuse, blobSource(refuse, 'the file', file), like))
}
