import { InvalidTree, show } from '@gradchain/core'
import { joined } from '@gradchain/core/bytes'
import type { TensorDType } from '../tensor.js'
import type { Refuse } from './attempt.js'
import { MAX_HEADER, MAX_RANK } from './limits.js'
import { parseJson } from './parseJson.js'
import { Reader, utf8 } from './reader.js'
import { byteLengthOf } from './tensors.js'

/** What the dtypes are called in a file, in the order in which the others that write such files put their tensors. */
const DTYPES: readonly (readonly [code: string, dtype: TensorDType])[] = [
  ['U64', 'uint64'],
  ['I64', 'int64'],
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['U32', 'uint32'],
  ['I32', 'int32'],
  ['BF16', 'bfloat16'],
  ['F16', 'float16'],
  ['U16', 'uint16'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['BOOL', 'bool']
]

/** Bytes before the header: its length. */
export const PREFIX = 8

/** A tensor in a file. */
export interface Entry {
  readonly name: string
  readonly dtype: TensorDType
  readonly shape: readonly number[]
  /** Where its bytes begin, from the end of the header. */
  readonly begin: number
  /** Where they end. */
  readonly end: number
}

/** What the header of a file says. */
export interface Header {
  readonly metadata: Readonly<Record<string, string>>
  /** The tensors in the order of their bytes, which follow each other without a gap. */
  readonly entries: readonly Entry[]
}

/** How a tensor of a file is called in a message. */
export const titleOf = (name: string): string => `tensor ${JSON.stringify(name)}`

/** How long the header of a file is, out of its first bytes. */
export const headerLength = (refuse: Refuse, start: Uint8Array, fileLength: number): number => {
  if (fileLength < PREFIX) refuse('truncated', 'the file', 'at least 8 bytes long', `${fileLength} bytes`)
  const length = new Reader(refuse, 'the header', start).u64()
  if (length > MAX_HEADER) refuse('tooLarge', 'the header', `at most ${MAX_HEADER} bytes long`, `${length}`)
  if (length > fileLength - PREFIX) {
    refuse('truncated', 'the file', `${PREFIX + length} bytes long at the least`, `${fileLength} bytes`)
  }
  return length
}

/** What a header says, of which so many bytes of data follow; they belong to the tensors, each to one of them. */
export const readHeader = (refuse: Refuse, bytes: Uint8Array, dataLength: number): Header => {
  const json = parseJson(refuse, 'the header', utf8(refuse, 'the header', bytes), 3)
  if (!isRecord(json)) return refuse('malformed', 'the header', 'an object', show(json))
  const { __metadata__: metadata, ...tensors } = json
  const entries = Object.entries(tensors).map(([name, said]) => readEntry(refuse, name, said))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let end = 0
  for (const entry of entries) {
    if (entry.begin !== end) {
      const { name, begin } = entry
      refuse('malformed', titleOf(name), `at byte ${end}, where what is before it ends`, `byte ${begin}`)
    }
    end = entry.end
  }
  if (end > dataLength) refuse('truncated', 'the data', `${end} bytes long`, `${dataLength}`)
  if (end < dataLength) refuse('malformed', 'the data', `${end} bytes long`, `${dataLength}`)
  return { metadata: readMetadata(refuse, metadata), entries }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readMetadata = (refuse: Refuse, metadata: unknown): Readonly<Record<string, string>> => {
  if (metadata === undefined || metadata === null) return {}
  if (!isRecord(metadata)) return refuse('malformed', '__metadata__', 'an object', show(metadata))
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== 'string') refuse('malformed', `__metadata__ ${show(key)}`, 'a text', show(text))
  }
  return metadata as Readonly<Record<string, string>>
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const readEntry = (refuse: Refuse, name: string, said: unknown): Entry => {
  const title = titleOf(name)
  if (!isRecord(said)) return refuse('malformed', title, 'an object', show(said))
  const { dtype: code, shape, data_offsets: offsets } = said
  const dtype = DTYPES.find(([known]) => known === code)?.[1]
  if (dtype === undefined) {
    const known = DTYPES.map(([name]) => name).join(', ')
    return refuse(typeof code === 'string' ? 'unsupported' : 'malformed', title, `of dtype ${known}`, show(code))
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    return refuse('malformed', title, 'of a shape of whole numbers ≥ 0', show(shape))
  }
  if (shape.length > MAX_RANK) refuse('tooLarge', title, `of at most ${MAX_RANK} axes`, `${shape.length}`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return refuse('malformed', title, 'at data_offsets [begin, end]', show(offsets))
  }
  const [begin, end] = offsets as [number, number]
  const length = byteLengthOf(dtype, shape)
  if (length === undefined) return refuse('tooLarge', title, 'of fewer than 2⁵³ bytes', `shape ${show(shape)}`)
  if (end - begin !== length) {
    refuse('malformed', title, `${length} bytes long, as its dtype and shape say`, `${end - begin}`)
  }
  return { name, dtype, shape, begin, end }
}

/** A tensor to be written. */
export interface Written {
  readonly name: string
  readonly dtype: TensorDType
  readonly shape: readonly number[]
  /** Its elements, over the memory they lie in. */
  readonly bytes: Uint8Array
}

const rankOf = (dtype: TensorDType): number => DTYPES.findIndex(([, known]) => known === dtype)

/** Whether a name comes before another by the bytes of UTF-8, in which a character of two halves comes after those of one. */
const utf8Order = (a: string, b: string): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [p, q] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (p !== q) return (isHalf(p) === isHalf(q) ? 0 : isHalf(p) ? 0x10000 : -0x10000) + p - q
  }
  return a.length - b.length
}

const isHalf = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000

/** The tensors in the order in which their bytes are written: widest elements first, so that all lie aligned; then by name. */
export const inFileOrder = <T extends Pick<Written, 'name' | 'dtype'>>(tensors: readonly T[]): readonly T[] =>
  [...tensors].sort((a, b) => rankOf(a.dtype) - rankOf(b.dtype) || utf8Order(a.name, b.name))

/** The beginning of a file, up to its data, for tensors in the order of their bytes. One that is too long to be read is not written. */
export const writeHeader = (
  owner: string,
  metadata: Readonly<Record<string, string>>,
  tensors: readonly Written[]
): Uint8Array => {
  let end = 0
  const entries = tensors.map(({ name, dtype, shape, bytes }) => {
    const begin = end
    end += bytes.length
    const said = { dtype: DTYPES[rankOf(dtype)]?.[0], shape, data_offsets: [begin, end] }
    return `${JSON.stringify(name)}:${JSON.stringify(said)}`
  })
  if (Object.keys(metadata).length > 0) entries.unshift(`"__metadata__":${JSON.stringify(metadata)}`)
  const json = new TextEncoder().encode(`{${entries.join(',')}}`)
  const length = Math.ceil(json.length / 8) * 8
  if (length > MAX_HEADER) {
    throw new InvalidTree(
      `${owner}: the names, shapes and texts of the tree must take at most ${MAX_HEADER} bytes, got ${length}`
    )
  }
  const out = new Uint8Array(PREFIX + length).fill(0x20)
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true)
  out.set(json, PREFIX)
  return out
}

/** A file out of its beginning and the tensors. */
export const assembled = (header: Uint8Array, tensors: readonly Written[]): Uint8Array =>
  joined([header, ...tensors.map(({ bytes }) => bytes)])

/** Why a tensor cannot be written under a name; `undefined` when it can. */
export const flawOfName = (name: string): string | undefined => {
  if (name === '__metadata__') return 'the name __metadata__, with which no other program could read the file'
  if (name === '__proto__') return 'the name __proto__, which is refused'
  return /\p{Surrogate}/u.test(name) ? 'a name with half a character' : undefined
}
