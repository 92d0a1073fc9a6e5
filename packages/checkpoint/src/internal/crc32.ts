// CRC-32 as in zip and PNG. It finds every flaw that lies within 32 bits, and of all others all but one in 2³².

type Native = (bytes: Uint8Array, before: number) => number

/** The one of Node, Deno and Bun, where it is there; a page has none. */
const nativeOf = (): Native | undefined => {
  const { process } = globalThis as unknown as {
    readonly process?: {
      readonly getBuiltinModule?: (name: string) => { readonly crc32?: Native } | undefined
    }
  }
  return process?.getBuiltinModule?.('node:zlib')?.crc32
}

/** Eight tables: the first is that of a byte, table k that of a byte with k zero bytes after it. */
const tables = (): Uint32Array => {
  const made = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1
    made[byte] = remainder
  }
  for (let i = 256; i < made.length; i++) {
    const shorter = made[i - 256] as number
    made[i] = (shorter >>> 8) ^ (made[shorter & 0xff] as number)
  }
  return made
}

let known: Uint32Array | undefined

/** The same in JavaScript, eight bytes at a time. */
export const crc32Slicing = (bytes: Uint8Array, before = 0): number => {
  known ??= tables()
  const t = known as unknown as readonly number[]
  const b = bytes as unknown as readonly number[]
  let crc = ~before
  let i = 0
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = crc ^ (at(b, i) | (at(b, i + 1) << 8) | (at(b, i + 2) << 16) | (at(b, i + 3) << 24))
    crc =
      at(t, 1792 + (low & 0xff)) ^
      at(t, 1536 + ((low >>> 8) & 0xff)) ^
      at(t, 1280 + ((low >>> 16) & 0xff)) ^
      at(t, 1024 + (low >>> 24)) ^
      at(t, 768 + at(b, i + 4)) ^
      at(t, 512 + at(b, i + 5)) ^
      at(t, 256 + at(b, i + 6)) ^
      at(t, at(b, i + 7))
  }
  for (; i < bytes.length; i++) crc = at(t, (crc ^ at(b, i)) & 0xff) ^ (crc >>> 8)
  return ~crc >>> 0
}

const at = (list: readonly number[], i: number): number => list[i] as number

/** The CRC-32 of bytes, or of what came before, whose own it is given, and them. */
export const crc32 = (bytes: Uint8Array, before = 0): number => {
  const native = nativeOf()
  return native === undefined ? crc32Slicing(bytes, before) : native(bytes, before)
}

/** A checksum as eight digits. */
export const hex = (checksum: number): string => checksum.toString(16).padStart(8, '0')
