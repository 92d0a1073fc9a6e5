import { type FileHandle, open } from 'node:fs/promises'
import type { Refuse } from '../../internal/attempt.js'
import type { Source } from '../../internal/readSource.js'

/** How many bytes are read at once, while those before are looked at. */
const PIECE = 1 << 20

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Reads `path` by `use`, and closes it; a file that cannot be read is refused. */
export const withFile = async <T>(refuse: Refuse, path: string, use: (source: Source) => Promise<T>): Promise<T> => {
  const unreadable = (error: unknown): never => refuse('unreadable', path, 'a file that can be read', words(error))
  const handle = await open(path, 'r').catch(unreadable)
  try {
    const status = await handle.stat().catch(unreadable)
    if (!status.isFile()) return refuse('unreadable', path, 'a file that can be read', 'none')
    return await use(sourceOf(refuse, path, handle, status.size))
  } finally {
    await handle.close()
  }
}

const sourceOf = (refuse: Refuse, path: string, handle: FileHandle, size: number): Source => {
  const fill = async (target: Uint8Array, position: number): Promise<Uint8Array> => {
    let at = 0
    while (at < target.length) {
      const { bytesRead } = await handle
        .read(target, at, target.length - at, position + at)
        .catch((error: unknown) => refuse('unreadable', path, 'a file that can be read', words(error)))
      if (bytesRead === 0) refuse('truncated', path, `${size} bytes long, as it was`, `${position + at}`)
      at += bytesRead
    }
    return target
  }
  return {
    size,
    into: async (target, position, onPiece) => {
      const piece = (at: number): Promise<Uint8Array> => fill(target.subarray(at, at + PIECE), position + at)
      let next = piece(0)
      for (let at = 0; at < target.length; at += PIECE) {
        const here = await next
        // The next piece is on its way while this one is looked at.
        next = piece(at + PIECE)
        onPiece(here)
      }
      await next
    }
  }
}
