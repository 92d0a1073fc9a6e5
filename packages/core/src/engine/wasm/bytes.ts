/** The bytes of a WebAssembly module under construction. */
export type Bytes = number[]

/** An unsigned number in LEB128. */
export const unsigned = (value: number): Bytes => {
  const bytes: Bytes = []
  let rest = value >>> 0
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** A signed 32-bit number in LEB128. */
export const signed = (value: number): Bytes => {
  const bytes: Bytes = []
  let rest = value | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
      bytes.push(low)
      return bytes
    }
    bytes.push(low | 0x80)
  }
}

/** The eight bytes of a float64. */
export const float64 = (value: number): Bytes => [...new Uint8Array(Float64Array.of(value).buffer)]

/** The four bytes of a float32. */
export const float32 = (value: number): Bytes => [...new Uint8Array(Float32Array.of(value).buffer)]

/** The four bytes of a 32-bit integer. */
export const int32 = (value: number): Bytes => [...new Uint8Array(Int32Array.of(value).buffer)]

/** A name, or other text. */
export const text = (value: string): Bytes => [...unsigned(value.length), ...new TextEncoder().encode(value)]

/** A vector: how many items, then the items. */
export const vector = (items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()]

/** A section of a module. */
export const section = (id: number, content: Bytes): Bytes => [id, ...unsigned(content.length), ...content]

/** What every module begins with: the magic number and the version. */
export const PREAMBLE: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
