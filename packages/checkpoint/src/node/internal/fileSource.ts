import { type FileHandle, open } from 'node:fs/promises'
import type { Refuse } from '../../internal/attempt.js'
import type { Source } from '../../internal/readSource.js'

/** How many bytes are read at once, while those before are looked at: a millisecond of this thread. */
const PIECE = 1 << 22
/** How many pieces are on their way. */
const AHEAD = 2

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
      const onTheirWay: Promise<Uint8Array>[] = []
      let asked = 0
      const ask = (): void => {
        if (asked >= target.length) return
        const piece = fill(target.subarray(asked, asked + PIECE), position + asked)
        // What fails is heard when it is waited for.
        piece.catch(() => {})
        onTheirWay.push(piece)
        asked += PIECE
      }
      for (let i = 0; i < AHEAD; i++) ask()
      for (let here = await onTheirWay.shift(); here !== undefined; here = await onTheirWay.shift()) {
        ask()
        onPiece(here)
      }
    }
  }
}
