import { joined } from '@gradchain/core/bytes'

/** Bytes of a message that are put together: its fields, each by its number. */
export type Field = Uint8Array

/** A whole number in groups of seven bits, a negative one as its 64 bits. */
export const varint = (value: number | bigint): Uint8Array => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Uint8Array.from([...bytes, Number(rest)])
}

const tag = (field: number, wireType: number): Uint8Array => varint(field * 8 + wireType)

/** A whole number, an enumeration or a flag; 0 is left out, as it is what a reader takes for missing. */
export const integer = (field: number, value: number | bigint): Field =>
  BigInt(value) === 0n ? new Uint8Array(0) : joined([tag(field, 0), varint(value)])

/** A float64. */
export const double = (field: number, value: number): Field => joined([tag(field, 1), float64(value)])

/** A float32. */
export const float = (field: number, value: number): Field => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return joined([tag(field, 5), bytes])
}

/** Bytes, or another message. */
export const message = (field: number, ...parts: readonly Uint8Array[]): Field => {
  const content = joined(parts)
  return joined([tag(field, 2), varint(content.length), content])
}

/** A text in UTF-8. */
export const text = (field: number, value: string): Field => message(field, new TextEncoder().encode(value))

/** Numbers of float64, packed. */
export const doubles = (field: number, values: readonly number[]): Field => message(field, ...values.map(float64))

const float64 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return bytes
}
