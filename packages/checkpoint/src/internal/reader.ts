import type { Refuse } from './attempt.js'
import { plainBytes } from './plainBytes.js'

/**
 * Reads numbers and bytes one after the other, and never beyond the end: what is missing is refused in the name of `entry`.
 * What it hands out as bytes are views, never copies.
 */
export class Reader {
  /** Where it is: the number of bytes before the next one. */
  position = 0
  readonly #refuse: Refuse
  readonly #entry: string
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(refuse: Refuse, entry: string, bytes: Uint8Array) {
    this.#refuse = refuse
    this.#entry = entry
    this.#bytes = plainBytes(bytes)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** How many bytes there are in all. */
  get length(): number {
    return this.#bytes.length
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.position
  }

  /** Goes on at another place, which may be the end. */
  seek(position: number): void {
    if (!Number.isSafeInteger(position) || position < 0 || position > this.length) {
      this.#refuse('truncated', this.#entry, `long enough to hold byte ${position}`, `${this.length} bytes`)
    }
    this.position = position
  }

  /** The next bytes, as a view. */
  bytes(count: number): Uint8Array {
    const start = this.#take(count)
    return this.#bytes.subarray(start, start + count)
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  u16(littleEndian = true): number {
    return this.#view.getUint16(this.#take(2), littleEndian)
  }

  i16(littleEndian = true): number {
    return this.#view.getInt16(this.#take(2), littleEndian)
  }

  u32(littleEndian = true): number {
    return this.#view.getUint32(this.#take(4), littleEndian)
  }

  i32(littleEndian = true): number {
    return this.#view.getInt32(this.#take(4), littleEndian)
  }

  /** 64 bits as a number, for sizes and places: what is beyond 2⁵³ − 1 is refused. */
  u64(littleEndian = true): number {
    const value = this.#view.getBigUint64(this.#take(8), littleEndian)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#refuse('tooLarge', this.#entry, 'of sizes below 2⁵³', `${value}`)
    }
    return Number(value)
  }

  bigU64(littleEndian = true): bigint {
    return this.#view.getBigUint64(this.#take(8), littleEndian)
  }

  bigI64(littleEndian = true): bigint {
    return this.#view.getBigInt64(this.#take(8), littleEndian)
  }

  f32(littleEndian = true): number {
    return this.#view.getFloat32(this.#take(4), littleEndian)
  }

  f64(littleEndian = true): number {
    return this.#view.getFloat64(this.#take(8), littleEndian)
  }

  /** The next bytes as text in UTF-8, in which nothing may be broken. */
  text(count: number): string {
    return utf8(this.#refuse, this.#entry, this.bytes(count))
  }

  #take(count: number): number {
    if (!Number.isSafeInteger(count) || count < 0 || count > this.remaining) {
      const wanted = `${this.position + count} bytes long at the least`
      this.#refuse('truncated', this.#entry, wanted, `${this.length} bytes`)
    }
    const start = this.position
    this.position += count
    return start
  }
}

/** Bytes as text in UTF-8, in which nothing may be broken. */
export const utf8 = (refuse: Refuse, entry: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return refuse('malformed', entry, 'text in UTF-8', 'other bytes')
  }
}
