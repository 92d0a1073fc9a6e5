import type { Same } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attemptAsync } from '../internal/attempt.js'
import { readSource } from '../internal/readSource.js'
import type { SavedTree } from '../own/savedTree.js'
import { withFile } from './internal/fileSource.js'

/**
 * {@link load} of a file: each array is read to where it stays, so that it takes no more memory than the tree. A file that is not there, or cannot be read, is
 * a `CheckpointError`, too, of the kind `unreadable`.
 *
 * @example
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 *
 * const path = join(mkdtempSync(join(tmpdir(), 'run-')), 'run.safetensors')
 * await saveFile(path, { count: 3 })
 * await loadFile(path, { count: 0 }) // => { _tag: 'Right', right: { count: 3 } }
 * const missing = await loadFile('nowhere.safetensors')
 * missing._tag === 'Left' && missing.left.kind // => 'unreadable'
 */
export function loadFile(path: string): Promise<Either<CheckpointError, SavedTree>>
export function loadFile<T>(path: string, like: T): Promise<Either<CheckpointError, Same<T>>>
export function loadFile(path: string, ...like: readonly [like?: unknown]): Promise<Either<CheckpointError, unknown>> {
  return attemptAsync('loadFile', (refuse) => withFile(refuse, path, (source) => readSource(refuse, source, like)))
}
