import type { Source } from '../../internal/readSource.js'

/** How many bytes are read at once. */
const PIECE = 1 << 22

/** The bytes of a Blob, such as a File. */
export const blobSource = (blob: Blob): Source => ({
  size: blob.size,
  into: async (target, position, onPiece) => {
    for (let at = 0; at < target.length; at += PIECE) {
      const end = Math.min(at + PIECE, target.length)
      const piece = target.subarray(at, end)
      piece.set(new Uint8Array(await blob.slice(position + at, position + end).arrayBuffer()))
      onPiece(piece)
    }
  }
})
