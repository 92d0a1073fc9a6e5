/** The bytes of a WebAssembly module under construction. */
export type Bytes = number[]

/** An unsigned number in LEB128. */
export const unsigned = (value: number): Bytes => {
  const rest = value >>> 7
  return rest === 0 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(rest)]
}

/** A signed 32-bit number in LEB128. */
export const signed = (value: number): Bytes =>
  value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]

const bytesIn = ({ buffer }: ArrayBufferView): Bytes => [...new Uint8Array(buffer)]

/** The eight bytes of a float64. */
export const float64 = (value: number): Bytes => bytesIn(Float64Array.of(value))

/** The four bytes of a float32. */
export const float32 = (value: number): Bytes => bytesIn(Float32Array.of(value))

/** The four bytes of a 32-bit integer. */
export const int32 = (value: number): Bytes => bytesIn(Int32Array.of(value))

/** A name, or other text. */
export const text = (value: string): Bytes => [...unsigned(value.length), ...new TextEncoder().encode(value)]

/** A vector: how many items, then the items. */
export const vector = (items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()]

/** A section of a module. */
export const section = (id: number, content: Bytes): Bytes => [id, ...unsigned(content.length), ...content]

/** What every module begins with: the magic number and the version. */
export const PREAMBLE: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
