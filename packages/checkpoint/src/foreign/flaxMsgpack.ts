import { InvalidTree, isContainer, show } from '@gradchain/core'
import { joined } from '@gradchain/core/bytes'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt, type Refuse } from '../internal/attempt.js'
import { MAX_DEPTH, MAX_RANK } from '../internal/limits.js'
import { givenBytes } from '../internal/plainBytes.js'
import { Reader } from '../internal/reader.js'
import { setKey } from '../internal/setKey.js'
import { tensorFrom } from '../internal/tensorFrom.js'
import { byteLengthOf, bytesOf, isTensor, isTensorDType, tensorOf } from '../internal/tensors.js'
import type { Tensor, TensorTree } from '../tensor.js'

/** The kinds of extensions that flax has: arrays, complex numbers, and single numbers of NumPy. */
const ARRAY = 1
const COMPLEX = 2
const SCALAR = 3

/** Flax cuts arrays of more bytes into chunks, which have this key. */
const CHUNK_BYTES = 2 ** 30
const CHUNKED = '__msgpack_chunked_array__'

/**
 * The tree in bytes of `flax.serialization.to_bytes`: params, or a state of Optax, which has no other way into a file but Orbax.
 *
 * Flax keeps maps alone: a tuple, a list or a chain is an object with the keys `0`, `1` …, a named tuple one of its fields, and
 * `optax.EmptyState` an empty one. Arrays of any size are tensors, also those that flax cut into chunks. Whole numbers beyond 2⁵³
 * are bigints. Complex numbers and 8-bit floats are refused.
 *
 * Laws: what {@link encodeFlaxMsgpack} writes of objects comes back as it was.
 *
 * @example
 * const bytes = encodeFlaxMsgpack({ count: 3, mu: { bias: ndarray([1, 2], [2]) } })
 * const decoded = decodeFlaxMsgpack(bytes)
 * decoded._tag === 'Right' && decoded.right // => { count: 3, mu: { bias: { dtype: 'float32', shape: [2], data: Float32Array [1, 2] } } }
 * const cut = decodeFlaxMsgpack(bytes.subarray(0, 20))
 * cut._tag === 'Left' && cut.left.message // => 'decodeFlaxMsgpack: mu/bias in the file must be 41 bytes long at the least, got 20 bytes'
 *
 * @throws InvalidOption for what is no Uint8Array.
 * @see {@link https://flax.readthedocs.io/en/latest/api_reference/flax.serialization.html}
 */
export const decodeFlaxMsgpack = (given: Uint8Array): Either<CheckpointError, TensorTree> => {
  const bytes = givenBytes('decodeFlaxMsgpack', given)
  return attempt('decodeFlaxMsgpack', (refuse) => {
    const file = new Decoder(refuse, bytes)
    const tree = file.value([])
    if (file.remaining > 0) refuse('malformed', 'the file', 'one value', `${file.remaining} more bytes`)
    return tree
  })
}

/** Reads values one after the other. What a message speaks of is at the path `keys`. */
class Decoder {
  readonly #refuse: Refuse
  readonly #bytes: Uint8Array
  #position = 0

  constructor(refuse: Refuse, bytes: Uint8Array) {
    this.#refuse = refuse
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#position
  }

  /** The next value. Lists and maps grow with what is read: what they claim to be is not believed. */
  value(keys: readonly string[]): TensorTree {
    const entry = placeOf(keys)
    if (keys.length > MAX_DEPTH) this.#refuse('tooLarge', 'the file', `at most ${MAX_DEPTH} levels deep`, 'more')
    const type = this.#read(entry, (reader) => reader.u8())
    if (type < 0x80) return type
    if (type < 0x90) return this.#map(keys, type & 0xf)
    if (type < 0xa0) return this.#list(keys, type & 0xf)
    if (type < 0xc0) return this.#read(entry, (reader) => reader.text(type & 0x1f))
    if (type >= 0xe0) return type - 0x100
    return this.#tagged(keys, entry, type)
  }

  #tagged(keys: readonly string[], entry: string, type: number): TensorTree {
    const size = (width: number): number => this.#read(entry, (reader) => unsigned(reader, width))
    switch (type) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6: {
        const length = size(1 << (type - 0xc4))
        return this.#read(entry, (reader) => reader.bytes(length).slice())
      }
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(entry, size(1 << (type - 0xc7)))
      case 0xca:
        return this.#read(entry, (reader) => reader.f32(false))
      case 0xcb:
        return this.#read(entry, (reader) => reader.f64(false))
      case 0xcc:
      case 0xcd:
      case 0xce:
        return size(1 << (type - 0xcc))
      case 0xcf:
        return asNumber(this.#read(entry, (reader) => reader.bigU64(false)))
      case 0xd0:
        return this.#read(entry, (reader) => reader.i8())
      case 0xd1:
        return this.#read(entry, (reader) => reader.i16(false))
      case 0xd2:
        return this.#read(entry, (reader) => reader.i32(false))
      case 0xd3:
        return asNumber(this.#read(entry, (reader) => reader.bigI64(false)))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(entry, 1 << (type - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb: {
        const length = size(1 << (type - 0xd9))
        return this.#read(entry, (reader) => reader.text(length))
      }
      case 0xdc:
      case 0xdd:
        return this.#list(keys, size(2 << (type - 0xdc)))
      case 0xde:
      case 0xdf:
        return this.#map(keys, size(2 << (type - 0xde)))
      default:
        return this.#refuse('malformed', entry, 'a value of msgpack', `the byte ${type}`)
    }
  }

  #list(keys: readonly string[], length: number): TensorTree {
    const list: TensorTree[] = []
    for (let i = 0; i < length; i++) list.push(this.value([...keys, String(i)]))
    return list
  }

  #map(keys: readonly string[], length: number): TensorTree {
    const map: { [key: string]: TensorTree } = {}
    const entry = placeOf(keys)
    for (let i = 0; i < length; i++) {
      const key = this.value([...keys, 'a key'])
      if (typeof key !== 'string') return this.#refuse('unsupported', entry, 'with texts as keys', show(key))
      setKey(this.#refuse, entry, map, key, this.value([...keys, key]))
    }
    return map[CHUNKED] === true ? this.#joined(entry, map) : map
  }

  #extension(entry: string, length: number): TensorTree {
    const kind = this.#read(entry, (reader) => reader.i8())
    if (kind === COMPLEX) this.#refuse('unsupported', entry, 'of real numbers', 'a complex one')
    if (kind !== ARRAY && kind !== SCALAR)
      this.#refuse('unsupported', entry, 'an array or a number', `extension ${kind}`)
    const inner = new Decoder(
      this.#refuse,
      this.#read(entry, (reader) => reader.bytes(length))
    )
    const parts = inner.value([entry])
    const [shape, dtype, bytes] = Array.isArray(parts) && parts.length === 3 && inner.remaining === 0 ? parts : []
    if (!isShape(shape) || typeof dtype !== 'string' || !(bytes instanceof Uint8Array)) {
      return this.#refuse('malformed', entry, 'an array of a shape, a dtype and bytes', 'other things')
    }
    if (!isTensorDType(dtype)) {
      return this.#refuse('unsupported', entry, 'of floats of 16 to 64 bits, whole numbers or bool', show(dtype))
    }
    return this.#tensor(entry, { dtype, shape }, bytes)
  }

  #tensor(entry: string, { dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>, bytes: Uint8Array): Tensor {
    const wanted = byteLengthOf(dtype, shape)
    if (wanted !== bytes.length) {
      this.#refuse('malformed', entry, `${wanted} bytes, as ${dtype}${show(shape)} are`, `${bytes.length}`)
    }
    return tensorOf(dtype, shape, bytes)
  }

  /** An array out of its chunks: `shape` and `chunks` are maps with the keys 0, 1 … */
  #joined(entry: string, { shape, chunks }: { readonly [key: string]: TensorTree }): TensorTree {
    const parts = listed(chunks)
    const lengths = listed(shape)
    const [first] = parts
    if (!isShape(lengths) || !isTensor(first) || !parts.every((part) => isTensor(part) && part.dtype === first.dtype)) {
      return this.#refuse('malformed', entry, 'chunks of an array of one dtype, and its shape', 'other things')
    }
    return this.#tensor(
      entry,
      { dtype: first.dtype, shape: lengths },
      joined(parts.map((part) => bytesOf(part as Tensor)))
    )
  }

  #read<T>(entry: string, read: (reader: Reader) => T): T {
    const reader = new Reader(this.#refuse, entry, this.#bytes)
    reader.seek(this.#position)
    const value = read(reader)
    this.#position = reader.position
    return value
  }
}

const placeOf = (keys: readonly string[]): string => (keys.length === 0 ? 'the file' : `${keys.join('/')} in the file`)

const unsigned = (reader: Reader, width: number): number =>
  width === 1 ? reader.u8() : width === 2 ? reader.u16(false) : reader.u32(false)

const asNumber = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) &&
  value.length <= MAX_RANK &&
  value.every((length) => Number.isSafeInteger(length) && length >= 0)

const listed = (map: TensorTree | undefined): readonly TensorTree[] => {
  const values = typeof map === 'object' && map !== null ? Object.entries(map) : []
  return values.every(([key], i) => key === String(i)) ? values.map(([, value]) => value) : []
}

/**
 * Bytes that `flax.serialization.from_bytes` reads into a target of the same structure: an array of ours is a map with the keys
 * `0`, `1` …, as flax itself writes tuples and lists. The same tree gives the same bytes.
 *
 * Whole numbers are whole numbers of Python, other ones its floats, and `null` is None.
 *
 * @example
 * encodeFlaxMsgpack([{ count: 3 }, {}]) // => Uint8Array [130, 161, 48, 129, 165, 99, 111, 117, 110, 116, 3, 161, 49, 128]
 *
 * @throws InvalidTree with the path, for functions, undefined values, and what else has no place in a file.
 */
export const encodeFlaxMsgpack = (tree: object): Uint8Array => writeMsgpack('encodeFlaxMsgpack', tree, CHUNK_BYTES)

/** {@link encodeFlaxMsgpack} with chunks of another size. */
export const writeMsgpack = (owner: string, tree: unknown, chunkBytes: number): Uint8Array => {
  const encoder = new Encoder(owner, chunkBytes)
  encoder.value([], tree)
  return joined(encoder.parts)
}

/** The types of a size that is below `below`, and of others by how many bytes it takes. */
interface Sizes {
  readonly small: number
  readonly below: number
  readonly types: readonly (readonly [number, number])[]
}

const MAP: Sizes = {
  small: 0x80,
  below: 16,
  types: [
    [0xde, 2],
    [0xdf, 4]
  ]
}
const LIST: Sizes = {
  small: 0x90,
  below: 16,
  types: [
    [0xdc, 2],
    [0xdd, 4]
  ]
}
const TEXT: Sizes = {
  small: 0xa0,
  below: 32,
  types: [
    [0xd9, 1],
    [0xda, 2],
    [0xdb, 4]
  ]
}
const BYTES: Sizes = {
  small: 0,
  below: 0,
  types: [
    [0xc4, 1],
    [0xc5, 2],
    [0xc6, 4]
  ]
}
const EXTENSION: Sizes = {
  small: 0,
  below: 0,
  types: [
    [0xc7, 1],
    [0xc8, 2],
    [0xc9, 4]
  ]
}
const POSITIVE: Sizes = {
  small: 0,
  below: 128,
  types: [
    [0xcc, 1],
    [0xcd, 2],
    [0xce, 4]
  ]
}

/** Collects bytes, those of tensors as views. */
class Encoder {
  readonly parts: Uint8Array[] = []
  readonly #owner: string
  readonly #chunkBytes: number

  constructor(owner: string, chunkBytes: number) {
    this.#owner = owner
    this.#chunkBytes = chunkBytes
  }

  value(keys: readonly string[], value: unknown): void {
    if (keys.length > MAX_DEPTH)
      throw new InvalidTree(`${this.#owner}: the tree must be at most ${MAX_DEPTH} levels deep`)
    if (value === null) this.#add(0xc0)
    else if (typeof value === 'boolean') this.#add(value ? 0xc3 : 0xc2)
    else if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'bigint') this.#whole(keys, value)
    else this.#node(keys, value)
  }

  #node(keys: readonly string[], value: unknown): void {
    const tensor = tensorFrom(value)
    if (tensor !== undefined) {
      this.#tensor(tensor)
      return
    }
    if (!isContainer(value)) {
      const place = keys.length === 0 ? 'the tree' : keys.join('/')
      throw new InvalidTree(
        `${this.#owner}: ${place} must be a tensor, a plain value, an object or an array, got ${show(value)}`
      )
    }
    const entries = Object.entries(value)
    this.#sized(MAP, entries.length)
    for (const [key, child] of entries) {
      if (key === '__proto__') throw new InvalidTree(`${this.#owner}: a key must not be __proto__`)
      this.#text(key)
      this.value([...keys, key], child)
    }
  }

  #tensor(tensor: Tensor): void {
    const data = bytesOf(tensor)
    if (data.length > this.#chunkBytes) this.#chunks(tensor, data)
    else this.#array(tensor, data)
  }

  #array({ shape, dtype }: Pick<Tensor, 'dtype' | 'shape'>, data: Uint8Array): void {
    const inner = new Encoder(this.#owner, this.#chunkBytes)
    inner.#sized(LIST, 3)
    inner.#sized(LIST, shape.length)
    for (const length of shape) inner.#number(length)
    inner.#text(dtype)
    inner.#sized(BYTES, data.length)
    inner.parts.push(data)
    const size = inner.parts.reduce((sum, { length }) => sum + length, 0)
    // Five sizes have a type of their own; none of an array is among them but 16.
    if (size === 16) this.#add(0xd8)
    else this.#sized(EXTENSION, size)
    this.#add(ARRAY)
    this.parts.push(...inner.parts)
  }

  #chunks(tensor: Tensor, data: Uint8Array): void {
    const width = data.length / tensor.data.length
    const step = Math.max(width, this.#chunkBytes - (this.#chunkBytes % width))
    const count = Math.ceil(data.length / step)
    this.#sized(MAP, 3)
    this.#text(CHUNKED)
    this.#add(0xc3)
    this.#text('shape')
    this.value([], tensor.shape)
    this.#text('chunks')
    this.#sized(MAP, count)
    for (let i = 0; i < count; i++) {
      const piece = data.subarray(i * step, (i + 1) * step)
      this.#text(String(i))
      this.#array({ dtype: tensor.dtype, shape: [piece.length / width] }, piece)
    }
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      const view = new DataView(new ArrayBuffer(9))
      view.setUint8(0, 0xcb)
      view.setFloat64(1, value)
      this.parts.push(new Uint8Array(view.buffer))
    } else if (value >= 0 && value < 2 ** 32) this.#sized(POSITIVE, value)
    else if (value >= -32 && value < 0) this.#add(value & 0xff)
    else this.#signed(value)
  }

  #signed(value: number): void {
    if (value >= -(2 ** 7) && value < 0) this.#add(0xd0, value & 0xff)
    else if (value >= -(2 ** 15) && value < 0) this.#add(0xd1, ...bigEndian(BigInt(value), 2))
    else if (value >= -(2 ** 31) && value < 0) this.#add(0xd2, ...bigEndian(BigInt(value), 4))
    else this.#add(value < 0 ? 0xd3 : 0xcf, ...bigEndian(BigInt(value), 8))
  }

  #whole(keys: readonly string[], value: bigint): void {
    const type = BigInt.asUintN(64, value) === value ? 0xcf : BigInt.asIntN(64, value) === value ? 0xd3 : undefined
    if (type === undefined) {
      throw new InvalidTree(`${this.#owner}: ${keys.join('/')} must be a whole number of 64 bits, got ${show(value)}`)
    }
    this.#add(type, ...bigEndian(value, 8))
  }

  #text(value: string): void {
    if (/\p{Surrogate}/u.test(value)) {
      throw new InvalidTree(`${this.#owner}: a text must be one that UTF-8 can hold, got half of a surrogate pair`)
    }
    const bytes = new TextEncoder().encode(value)
    this.#sized(TEXT, bytes.length)
    this.parts.push(bytes)
  }

  #sized({ small, below, types }: Sizes, size: number): void {
    const [type, width] = types.find(([, bytes]) => size < 2 ** (8 * bytes)) ?? [0, 0]
    if (size < below) this.#add(small | size)
    else this.#add(type, ...bigEndian(BigInt(size), width))
  }

  #add(...bytes: readonly number[]): void {
    this.parts.push(Uint8Array.from(bytes))
  }
}

const bigEndian = (value: bigint, width: number): readonly number[] =>
  Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * (width - 1 - i))) & 0xffn))
