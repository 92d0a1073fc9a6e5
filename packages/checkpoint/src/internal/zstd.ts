import { joined } from '@gradchain/core/bytes'
import { Decompress } from 'fzstd'
import type { Refuse } from './attempt.js'
import { Reader } from './reader.js'

/** How many bytes may yet be unpacked out of a file; everything that unpacks takes from it. */
export interface Budget {
  left: number
}

/** The longest window that zstd itself takes without being told to. */
const MAX_WINDOW = 2 ** 27

/**
 * What one frame of zstd holds. The sizes it claims are compared with what is there and with the budget before anything is
 * unpacked; its checksum, if it has one, is not.
 */
export const unzstd = (refuse: Refuse, entry: string, bytes: Uint8Array, budget: Budget): Uint8Array => {
  const claimed = frameOf(refuse, entry, bytes)
  if (claimed > budget.left) refuse('tooLarge', entry, `at most ${budget.left} bytes when unpacked`, `${claimed}`)
  const parts: Uint8Array[] = []
  let size = 0
  const stream = new Decompress((part) => {
    size += part.length
    if (size > budget.left) refuse('tooLarge', entry, `at most ${budget.left} bytes when unpacked`, 'more')
    parts.push(part.slice())
  })
  unpacking(refuse, entry, () => stream.push(bytes, true))
  if (claimed >= 0 && claimed !== size) refuse('corrupt', entry, `${claimed} bytes when unpacked`, `${size}`)
  budget.left -= size
  return joined(parts)
}

const unpacking = (refuse: Refuse, entry: string, run: () => void): void => {
  try {
    run()
  } catch (error) {
    // Our own refusals pass.
    if (error instanceof Error && 'kind' in error) throw error
    refuse('corrupt', entry, 'packed by zstd', 'what cannot be unpacked')
  }
}

/** Walks over a frame, which must be all there is, and gives the size it claims, or -1. */
const frameOf = (refuse: Refuse, entry: string, bytes: Uint8Array): number => {
  const reader = new Reader(refuse, entry, bytes)
  if (reader.u32() !== 0xfd2fb528) refuse('malformed', entry, 'packed by zstd', 'something else')
  const descriptor = reader.u8()
  const isSingle = (descriptor & 0x20) !== 0
  if ((descriptor & 0x0b) !== 0) refuse('unsupported', entry, 'packed without a dictionary', 'one that needs it')
  const exponent = isSingle ? 0 : reader.u8()
  const window = isSingle ? 0 : 2 ** (10 + (exponent >> 3)) * (1 + (exponent & 7) / 8)
  if (window > MAX_WINDOW) refuse('tooLarge', entry, `packed with a window of at most ${MAX_WINDOW} bytes`, `${window}`)
  const width = descriptor >> 6
  const size =
    width === 3
      ? reader.u64()
      : width === 2
        ? reader.u32()
        : width === 1
          ? reader.u16() + 256
          : isSingle
            ? reader.u8()
            : -1
  for (let isLast = false; !isLast; ) {
    const head = reader.u16() | (reader.u8() << 16)
    isLast = (head & 1) !== 0
    // A block of the second type is one byte that is repeated.
    reader.bytes(((head >> 1) & 3) === 1 ? 1 : head >> 3)
  }
  if (descriptor & 4) reader.bytes(4)
  if (reader.remaining > 0) refuse('malformed', entry, 'one frame of zstd', `${reader.remaining} more bytes`)
  return size
}
