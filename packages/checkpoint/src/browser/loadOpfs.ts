import type { Same } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attemptAsync, type Refuse } from '../internal/attempt.js'
import { readSource } from '../internal/readSource.js'
import type { SavedTree } from '../own/savedTree.js'
import { blobSource } from './internal/blobSource.js'
import { placeOf } from './internal/opfs.js'

/**
 * {@link load} of a file that {@link saveOpfs} wrote. One that is not there, or cannot be read, is a `CheckpointError`, too, of the kind `unreadable`.
 *
 * @example
 * const lastRun = () => loadOpfs('runs/a.safetensors', { epoch: 0, params: { w: new Float32Array(2) } })
 *
 * @throws InvalidOption for a path that is none.
 */
export function loadOpfs(path: string): Promise<Either<CheckpointError, SavedTree>>
export function loadOpfs<T>(path: string, like: T): Promise<Either<CheckpointError, Same<T>>>
export function loadOpfs(path: string, ...like: readonly [like?: unknown]): Promise<Either<CheckpointError, unknown>> {
  return attemptAsync('loadOpfs', async (refuse) =>
    readSource(refuse, blobSource(refuse, path, await fileAt(refuse, path)), like)
  )
}

const fileAt = async (refuse: Refuse, path: string): Promise<File> => {
  try {
    const [folder, name] = await placeOf('loadOpfs', path, {})
    return await (await folder.getFileHandle(name)).getFile()
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    return refuse('unreadable', path, 'a file that can be read', error.name)
  }
}
