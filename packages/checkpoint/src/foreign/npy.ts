import { InvalidTree, show } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt, type Refuse } from '../internal/attempt.js'
import { MAX_RANK } from '../internal/limits.js'
import { givenBytes } from '../internal/plainBytes.js'
import { Reader } from '../internal/reader.js'
import { inRowMajorOrder, swapped } from '../internal/reorder.js'
import { byteLengthOf, bytesOf, bytesPerElement, isTensor, tensorOf } from '../internal/tensors.js'
import type { Tensor, TensorDType } from '../tensor.js'

/** How NumPy names dtypes, without the order of their bytes. Of bfloat16, which it does not know, it keeps two bytes. */
const NAMES: Readonly<Record<TensorDType, string>> = {
  float32: 'f4',
  float64: 'f8',
  float16: 'f2',
  bfloat16: 'V2',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  bool: 'b1'
}

/** NumPy itself reads no longer header: it could be code. */
const MAX_HEADER = 10_000

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const

/**
 * The array in a `.npy` file of NumPy.
 *
 * Big-endian and Fortran-ordered arrays come out as all others do. `V2`, two bytes without a meaning, is what NumPy writes of a
 * bfloat16 and is read as one. Arrays of objects, which NumPy would unpickle, are refused; so are complex numbers, texts and records.
 *
 * @example
 * const bytes = encodeNpy(ndarray([1, 2, 3, 4], [2, 2]))
 * const decoded = decodeNpy(bytes)
 * decoded._tag === 'Right' && decoded.right // => { dtype: 'float32', shape: [2, 2], data: Float32Array [1, 2, 3, 4] }
 * const cut = decodeNpy(bytes.subarray(0, 130))
 * cut._tag === 'Left' && cut.left.message // => 'decodeNpy: the array must be …'
 *
 * @throws InvalidOption for what is no Uint8Array.
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html}
 */
export const decodeNpy = (file: Uint8Array): Either<CheckpointError, Tensor> => {
  const bytes = givenBytes('decodeNpy', file)
  return attempt('decodeNpy', (refuse) => readNpy(refuse, 'the array', bytes))
}

/** The array in a file, which is called `entry`. */
export const readNpy = (refuse: Refuse, entry: string, bytes: Uint8Array): Tensor => {
  const reader = new Reader(refuse, entry, bytes)
  if (MAGIC.some((byte) => reader.u8() !== byte)) refuse('malformed', entry, 'a file of NumPy', 'something else')
  const [major, minor] = [reader.u8(), reader.u8()]
  if (major < 1 || major > 3 || minor !== 0) {
    refuse('unsupported', entry, 'of version 1.0, 2.0 or 3.0', `${major}.${minor}`)
  }
  const length = major === 1 ? reader.u16() : reader.u32()
  if (length > MAX_HEADER) refuse('tooLarge', `the header of ${entry}`, `at most ${MAX_HEADER} bytes long`, `${length}`)
  const header = reader.text(length)
  const { dtype, isBig, isFortran, shape } = headerOf(refuse, entry, header)
  const wanted = byteLengthOf(dtype, shape) ?? refuse('tooLarge', entry, 'of a size below 2⁵³', show(shape))
  if (reader.remaining !== wanted) {
    const kind = reader.remaining < wanted ? 'truncated' : 'malformed'
    refuse(kind, entry, `${wanted} bytes after its header, as ${dtype}${show(shape)} are`, `${reader.remaining}`)
  }
  const stored = reader.bytes(wanted)
  const width = bytesPerElement(dtype)
  const little = isBig ? swapped(stored, width) : stored
  return tensorOf(dtype, shape, isFortran ? inRowMajorOrder(little, shape, width) : little)
}

/** What the header of an array says. */
interface Header {
  readonly dtype: TensorDType
  readonly isBig: boolean
  readonly isFortran: boolean
  readonly shape: readonly number[]
}

/** A dict of Python as NumPy writes it: names, texts, truth and tuples of whole numbers. */
const headerOf = (refuse: Refuse, entry: string, text: string): Header => {
  const bad = (): never =>
    refuse('malformed', entry, 'with a header of descr, fortran_order and shape', show(text.trim()))
  const fields = new Map<string, string>()
  const inside = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? bad()
  const item = /\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\dL,\s]*\)|\[.*\])\s*(?:,|$)\s*/sy
  while (item.lastIndex < inside.length) {
    const [, name = '', value = ''] = item.exec(inside) ?? bad()
    if (fields.has(name)) bad()
    fields.set(name, value)
  }
  const [descr, order, lengths] = [fields.get('descr'), fields.get('fortran_order'), fields.get('shape')]
  if (fields.size !== 3 || descr === undefined || order === undefined || lengths === undefined) return bad()
  const { dtype, isBig } = dtypeNamed(refuse, entry, /^'(.*)'$/.exec(descr)?.[1] ?? descr)
  if (!/^(True|False)$/.test(order)) bad()
  const tuple = /^\((?:\s*\d+L?\s*(?:,\s*\d+L?\s*)*,?)?\s*\)$/.test(lengths) ? (lengths.match(/\d+/g) ?? []) : bad()
  if (tuple.length > MAX_RANK) refuse('tooLarge', entry, `of at most ${MAX_RANK} axes`, `${tuple.length}`)
  return { dtype, isBig, isFortran: order === 'True', shape: tuple.map(Number) }
}

/** The dtype that NumPy and Zarr 2 call `<f4`, with the order of its bytes. */
export const dtypeNamed = (
  refuse: Refuse,
  entry: string,
  text: unknown
): { readonly dtype: TensorDType; readonly isBig: boolean } => {
  const [, endian = '', name = ''] = /^([<>|=]?)([A-Za-z?]\d*)$/.exec(String(text)) ?? []
  if (name.startsWith('O')) refuse('refused', entry, 'an array of numbers', 'objects, which only a pickle holds')
  const dtype = (Object.keys(NAMES) as TensorDType[]).find((key) => NAMES[key] === name)
  return dtype === undefined
    ? refuse('unsupported', entry, 'of floats of 16 to 64 bits, whole numbers or bool', `the dtype ${String(text)}`)
    : { dtype, isBig: endian === '>' }
}

/**
 * A `.npy` file, as `numpy.load` reads it: version 1.0, little-endian, row-major. The same array gives the same bytes.
 *
 * @example
 * encodeNpy(ndarray([1, 2], [2])).length // => 136
 *
 * @throws InvalidTree for what is no array.
 */
export const encodeNpy = (tensor: Tensor): Uint8Array => {
  if (!isTensor(tensor)) throw new InvalidTree(`encodeNpy: the array must be a tensor, got ${show(tensor)}`)
  return writeNpy(tensor)
}

/** {@link encodeNpy} for what is known to be an array. */
export const writeNpy = (tensor: Tensor): Uint8Array => {
  const { dtype, shape } = tensor
  const order = bytesPerElement(dtype) === 1 ? '|' : '<'
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const header = `{'descr': '${order}${NAMES[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`
  // The data begin at a multiple of 64.
  const start = Math.ceil((10 + header.length + 1) / 64) * 64
  const data = bytesOf(tensor)
  const out = new Uint8Array(start + data.length).fill(0x20, 0, start)
  out.set([...MAGIC, 1, 0, (start - 10) & 255, (start - 10) >> 8])
  new TextEncoder().encodeInto(header, out.subarray(10))
  out[start - 1] = 0x0a
  out.set(data, start)
  return out
}
