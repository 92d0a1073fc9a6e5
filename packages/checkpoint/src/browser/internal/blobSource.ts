import type { Refuse } from '../../internal/attempt.js'
import type { Source } from '../../internal/readSource.js'

/** How many bytes are read at once. */
const PIECE = 1 << 22

/** The bytes of a Blob, such as a File; one that was changed or taken away meanwhile cannot be read, and is refused. */
export const blobSource = (refuse: Refuse, entry: string, blob: Blob): Source => ({
  size: blob.size,
  into: async (target, position, onPiece) => {
    for (let at = 0; at < target.length; at += PIECE) {
      const end = Math.min(at + PIECE, target.length)
      const piece = target.subarray(at, end)
      const bytes = blob.slice(position + at, position + end).arrayBuffer()
      piece.set(new Uint8Array(await bytes.catch((error: unknown) => unreadable(refuse, entry, error))))
      onPiece(piece)
    }
  }
})

const unreadable = (refuse: Refuse, entry: string, error: unknown): never =>
  refuse('unreadable', entry, 'a file that can be read', error instanceof Error ? error.name : String(error))
