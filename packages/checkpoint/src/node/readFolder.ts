import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attemptAsync } from '../internal/attempt.js'

/**
 * The files of a folder and of those in it by their paths, with `/` between folders: what `decodeOrbax` takes. Links are not followed.
 *
 * @example
 * const read = await readFolder('/nowhere')
 * read._tag === 'Left' && read.left.message // => 'readFolder: /nowhere must be a folder that can be read, got ENOENT'
 */
export const readFolder = (path: string): Promise<Either<CheckpointError, ReadonlyMap<string, Uint8Array>>> =>
  attemptAsync('readFolder', async (refuse) => {
    try {
      const items = await readdir(path, { recursive: true, withFileTypes: true })
      const paths = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name))
      const files = new Map<string, Uint8Array>()
      for (const file of paths.sort()) {
        files.set(relative(path, file).split(sep).join('/'), new Uint8Array(await readFile(file)))
      }
      return files
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      return refuse('unreadable', path, 'a folder that can be read', code)
    }
  })
