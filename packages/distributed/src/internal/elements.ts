/** A typed array whose elements ranks can send each other. */
export type Elements =
  | Int8Array<ArrayBufferLike>
  | Uint8Array<ArrayBufferLike>
  | Int16Array<ArrayBufferLike>
  | Uint16Array<ArrayBufferLike>
  | Int32Array<ArrayBufferLike>
  | Uint32Array<ArrayBufferLike>
  | BigInt64Array<ArrayBufferLike>
  | BigUint64Array<ArrayBufferLike>
  | Float32Array<ArrayBufferLike>
  | Float64Array<ArrayBufferLike>

/** What an element is on its way. */
export type ElementType =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64'

/** The dtypes of leaves: those of elements, and two of which only bits are sent. */
export type LeafType = ElementType | 'bfloat16' | 'float16'

const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array
} as const

/** The names of typed arrays, and the dtypes of leaves that they are. */
const NAMES: ReadonlyMap<string, LeafType> = /* @__PURE__ */ new Map<string, LeafType>([
  ['Int8Array', 'int8'],
  ['Uint8Array', 'uint8'],
  ['Int16Array', 'int16'],
  ['Uint16Array', 'uint16'],
  ['Int32Array', 'int32'],
  ['Uint32Array', 'uint32'],
  ['BigInt64Array', 'int64'],
  ['BigUint64Array', 'uint64'],
  ['Float32Array', 'float32'],
  ['Float64Array', 'float64'],
  ['Float16Array', 'float16']
])

/** All types of elements. */
export const ELEMENT_TYPES: readonly ElementType[] = [
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64'
]

/** All dtypes of leaves. */
export const LEAF_TYPES: readonly LeafType[] = [...ELEMENT_TYPES, 'bfloat16', 'float16']

/** The dtype that a typed array is, whichever realm it is from; `undefined` for anything else. */
export const typeOfArray = (value: unknown): LeafType | undefined =>
  ArrayBuffer.isView(value)
    ? NAMES.get(String((value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]))
    : undefined

/** In what the elements of a leaf lie in memory: of the 16-bit dtypes, their bits. */
export const storedAs = (type: LeafType): ElementType => (type === 'bfloat16' || type === 'float16' ? 'uint16' : type)

/** Bytes of one element in memory. */
export const bytesOf = (type: LeafType): number => ARRAYS[storedAs(type)].BYTES_PER_ELEMENT

/** A fresh array of so many zeros. */
export const allocate = (type: LeafType, length: number): Elements => new ARRAYS[storedAs(type)](length)

/** An array over memory that is there. */
export const elementsOver = (type: LeafType, buffer: ArrayBufferLike, offset: number, length: number): Elements => {
  const ArrayOf: new (memory: ArrayBufferLike, from: number, count: number) => Elements = ARRAYS[storedAs(type)]
  return new ArrayOf(buffer, offset, length)
}

/** What a typed array of a dtype holds: the array itself, but of one of another realm and of a `Float16Array` a view of the same memory. */
export const elementsIn = (type: LeafType, array: ArrayBufferView): Elements =>
  array instanceof ARRAYS[storedAs(type)]
    ? array
    : elementsOver(type, array.buffer, array.byteOffset, array.byteLength / bytesOf(type))

/** The bytes of an array, over the same memory. */
export const bytesIn = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBufferLike> =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** A part of an array, over the same memory. */
export const partOf = (elements: Elements, from: number, to: number): Elements => elements.subarray(from, to)

/** What an array of elements is. */
export const typeOf = (elements: Elements): ElementType => {
  const type = typeOfArray(elements)
  if (type === undefined || type === 'float16' || type === 'bfloat16') throw new TypeError('no elements')
  return type
}

/** Copies elements of one type. */
export const copyInto = (target: Elements, source: Elements, at = 0): void => {
  ;(target as { set: (from: Elements, at: number) => void }).set(source, at)
}
