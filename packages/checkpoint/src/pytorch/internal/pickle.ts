import { InvalidTree, isContainer, show } from '@gradchain/core'
import { MAX_DEPTH } from '../../internal/limits.js'
import { placeOf } from '../../internal/placeOf.js'
import { tensorFrom } from '../../internal/tensorFrom.js'
import type { Tensor } from '../../tensor.js'
import { storageOfDType } from './storages.js'

/** A pickle, and the tensors that it refers to by their number. */
export interface Pickle {
  readonly bytes: Uint8Array
  readonly tensors: readonly Tensor[]
}

/** Pickles a tree as `torch.save` does, in protocol 2: of names only those that `torch.load(weights_only=True)` takes. */
export const pickle = (owner: string, root: unknown): Pickle => {
  const out = new Bytes()
  const tensors: Tensor[] = []
  const memo = new Map<string, number>()
  const path: (string | number)[] = []
  const refuse: (wanted: string, got: string) => never = (wanted, got) => {
    throw new InvalidTree(`${owner}: tree${placeOf(path)} must be ${wanted}, got ${got}`)
  }

  // A name that was written once is referred to.
  const global = (name: string): void => {
    const known = memo.get(name)
    if (known === undefined) {
      out.u8(GLOBAL)
      out.ascii(`${name.replace(' ', '\n')}\n`)
      out.u8(BINPUT, memo.size)
      memo.set(name, memo.size)
    } else {
      out.u8(BINGET, known)
    }
  }

  const integer = (value: number): void => {
    if (value >= 0 && value < 0x100) out.u8(BININT1, value)
    else if (value >= 0 && value < 0x10000) out.u8(BININT2, value & 0xff, value >> 8)
    else if (value === (value | 0)) out.i32(BININT, value)
    else long(BigInt(value))
  }
  const long = (value: bigint): void => {
    let length = 1
    while (BigInt.asIntN(8 * length, value) !== value) length += 1
    if (length > 0xff) refuse('a whole number of at most 255 bytes', `one of ${length}`)
    out.u8(LONG1, length)
    for (let i = 0; i < length; i++) out.u8(Number((value >> BigInt(8 * i)) & 0xffn))
  }
  const number = (value: number): void => {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) integer(value)
    else out.f64(BINFLOAT, value)
  }
  const tuple = (items: readonly number[]): void => {
    out.u8(MARK)
    for (const item of items) integer(item)
    out.u8(TUPLE)
  }
  const text = (value: string): void => {
    if (/\p{Surrogate}/u.test(value)) refuse('text that UTF-8 can hold', 'half of a surrogate pair')
    const bytes = new TextEncoder().encode(value)
    out.u32(BINUNICODE, bytes.length)
    out.bytes(bytes)
  }

  const tensor = (value: Tensor): void => {
    const { dtype, shape, data } = value
    const storage = storageOfDType(dtype)
    const newer = storage === undefined
    global(newer ? 'torch._utils _rebuild_tensor_v3' : 'torch._utils _rebuild_tensor_v2')
    out.u8(MARK, MARK)
    text('storage')
    global(newer ? 'torch.storage UntypedStorage' : `torch ${storage}`)
    text(String(tensors.length))
    text('cpu')
    integer(newer ? data.byteLength : data.length)
    out.u8(TUPLE, BINPERSID)
    integer(0)
    tuple(shape)
    tuple(stridesOf(shape))
    out.u8(NEWFALSE)
    global('collections OrderedDict')
    out.u8(EMPTY_TUPLE, REDUCE)
    if (newer) global(`torch ${dtype}`)
    out.u8(TUPLE, REDUCE)
    tensors.push(value)
  }

  const below = (key: string | number, value: unknown): void => {
    path.push(key)
    if (path.length > MAX_DEPTH) {
      throw new InvalidTree(
        `${owner}: tree must be nested at most ${MAX_DEPTH} deep, got more, or a tree that contains itself`
      )
    }
    visit(value)
    path.pop()
  }

  const bytes = (value: Uint8Array): void => {
    global('_codecs encode')
    text(Array.from(value, (byte) => String.fromCharCode(byte)).join(''))
    text('latin1')
    out.u8(TUPLE2, REDUCE)
  }

  const list = (items: readonly unknown[]): void => {
    out.u8(EMPTY_LIST, MARK)
    items.forEach((item, i) => below(i, item))
    out.u8(APPENDS)
  }

  const dict = (entries: readonly (readonly [key: unknown, value: unknown])[]): void => {
    out.u8(EMPTY_DICT, MARK)
    for (const [key, value] of entries) {
      if (typeof key === 'string') text(key)
      else if (typeof key === 'number' && Number.isSafeInteger(key)) integer(key)
      else refuse('a Map whose keys are texts and whole numbers', show(key))
      below(key as string | number, value)
    }
    out.u8(SETITEMS)
  }

  const object = (value: object): void => {
    const entries = Object.entries(value)
    const isIndexed = entries.every(([key]) => isIndex(key))
    dict(isIndexed ? entries.map(([key, item]) => [Number(key), item]) : entries)
  }

  const visit = (value: unknown): void => {
    if (value === null) out.u8(NONE)
    else if (typeof value === 'boolean') out.u8(value ? NEWTRUE : NEWFALSE)
    else if (typeof value === 'bigint') long(value)
    else if (typeof value === 'string') text(value)
    else if (typeof value === 'number') number(value)
    else if (value instanceof Uint8Array) bytes(value)
    else if (value instanceof Map) dict([...value])
    else visitTree(value)
  }

  const visitTree = (value: unknown): void => {
    const array = tensorFrom(value)
    if (array !== undefined) tensor(array)
    else if (!isContainer(value))
      refuse('an array, a number, a text, a boolean, null, bytes, or a container of such', show(value))
    else if (Array.isArray(value)) list(value)
    else object(value)
  }

  out.u8(PROTO, 2)
  visit(root)
  out.u8(STOP)
  return { bytes: out.joined(), tensors }
}

/** Whether a key is a whole number as it is written. */
const isIndex = (key: string): boolean => /^(?:0|[1-9]\d{0,14})$/.test(key)

const stridesOf = (shape: readonly number[]): readonly number[] => {
  const strides: number[] = []
  let stride = 1
  for (const length of [...shape].reverse()) {
    strides.unshift(stride)
    stride *= Math.max(1, length)
  }
  return strides
}

const PROTO = 0x80
const STOP = 0x2e
const MARK = 0x28
const NONE = 0x4e
const NEWTRUE = 0x88
const NEWFALSE = 0x89
const BININT1 = 0x4b
const BININT2 = 0x4d
const BININT = 0x4a
const LONG1 = 0x8a
const BINFLOAT = 0x47
const BINUNICODE = 0x58
const EMPTY_DICT = 0x7d
const SETITEMS = 0x75
const EMPTY_LIST = 0x5d
const APPENDS = 0x65
const EMPTY_TUPLE = 0x29
const TUPLE2 = 0x86
const TUPLE = 0x74
const BINPUT = 0x71
const BINGET = 0x68
const GLOBAL = 0x63
const BINPERSID = 0x51
const REDUCE = 0x52

/** Bytes that grow. */
class Bytes {
  #bytes = new Uint8Array(1024)
  #length = 0

  #room(count: number): DataView {
    if (this.#length + count > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#length + count))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#length += count
    return new DataView(this.#bytes.buffer, this.#length - count)
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length - bytes.length)
  }

  u8(...bytes: readonly number[]): void {
    const view = this.#room(bytes.length)
    bytes.forEach((byte, i) => view.setUint8(i, byte))
  }

  ascii(text: string): void {
    this.u8(...Array.from(text, (letter) => letter.charCodeAt(0)))
  }

  i32(opcode: number, value: number): void {
    this.u8(opcode)
    this.#room(4).setInt32(0, value, true)
  }

  u32(opcode: number, value: number): void {
    this.u8(opcode)
    this.#room(4).setUint32(0, value, true)
  }

  f64(opcode: number, value: number): void {
    this.u8(opcode)
    this.#room(8).setFloat64(0, value)
  }

  joined(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}
