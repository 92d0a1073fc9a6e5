import { type DType, type NdArray, ndarray } from '@gradchain/core'

/** An array of ours, or the bare data of one. */
export type ArrayLeaf = Float32Array | Float64Array | NdArray

const bits = new Uint32Array(1)
const float = new Float32Array(bits.buffer)

const bfloat16 = (stored: number): number => {
  bits[0] = stored << 16
  return float[0] as number
}

const float16 = (stored: number): number => {
  const exponent = (stored >> 10) & 31
  const fraction = stored & 1023
  const size =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1 + fraction / 1024) * 2 ** (exponent - 15)
  return stored & 0x8000 ? -size : size
}

/** Whether a value has the structure of an array with a shape. */
export const isShaped = (value: unknown): value is NdArray =>
  typeof value === 'object' &&
  value !== null &&
  'dtype' in value &&
  'shape' in value &&
  'data' in value &&
  Array.isArray(value.shape) &&
  ArrayBuffer.isView(value.data)

/** Whether a value is an array of numbers as trees hold them. */
export const isArrayLeaf = (value: unknown): value is ArrayLeaf =>
  value instanceof Float32Array || value instanceof Float64Array || isShaped(value)

/** The dtype of an array leaf. */
export const dtypeOfLeaf = (leaf: ArrayLeaf): DType =>
  leaf instanceof Float32Array ? 'float32' : leaf instanceof Float64Array ? 'float64' : leaf.dtype

/** The elements as numbers, not bit patterns. */
export const elements = (leaf: ArrayLeaf): ArrayLike<number> => {
  if (leaf instanceof Float32Array || leaf instanceof Float64Array) return leaf
  if (leaf.dtype === 'bfloat16') return Array.from(leaf.data, bfloat16)
  return leaf.dtype === 'float16' ? Array.from(leaf.data, float16) : leaf.data
}

/** The typed array that holds the elements. */
export const dataOf = (leaf: ArrayLeaf): Float32Array | Float64Array | Uint16Array =>
  leaf instanceof Float32Array || leaf instanceof Float64Array ? leaf : leaf.data

/** An array of the same form over other elements. */
export const withElements = (leaf: ArrayLeaf, values: ArrayLike<number>): ArrayLeaf => {
  if (leaf instanceof Float32Array) return new Float32Array(values)
  if (leaf instanceof Float64Array) return new Float64Array(values)
  return { ...leaf, shape: [...leaf.shape], data: store(leaf.dtype, values) } as NdArray
}

const store = (dtype: DType, values: ArrayLike<number>): Float32Array | Float64Array | Uint16Array => {
  if (dtype === 'float64') return new Float64Array(values)
  if (dtype === 'float32') return new Float32Array(values)
  return ndarray(Array.from(values), [values.length], dtype).data
}
