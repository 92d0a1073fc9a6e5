import type { Tensor, TensorDType } from '../tensor.js'

/** How many bytes an element of each dtype takes. */
const BYTES: Readonly<Record<TensorDType, number>> = {
  float32: 4,
  float64: 8,
  bfloat16: 2,
  float16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1
}

/** Whether a name is that of a dtype that we read. */
export const isTensorDType = (name: unknown): name is TensorDType =>
  typeof name === 'string' && Object.hasOwn(BYTES, name)

/** How many bytes an element takes. */
export const bytesPerElement = (dtype: TensorDType): number => BYTES[dtype]

/**
 * How many bytes a tensor takes; `undefined` when that is no safe whole number, or a length is none.
 *
 * The product is looked at without the zeros first: lengths such as [0, 2⁵⁰, 2⁵⁰] are absurd all the same.
 */
export const byteLengthOf = (dtype: TensorDType, shape: readonly number[]): number | undefined => {
  let bytes = BYTES[dtype]
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) return undefined
    bytes *= length === 0 ? 1 : length
    if (!Number.isSafeInteger(bytes)) return undefined
  }
  return shape.includes(0) ? 0 : bytes
}

/** Whether two shapes have the same lengths along the same axes. */
export const isSameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis])

/**
 * The tensor whose elements, little-endian and in row-major order, are exactly these bytes, which are copied. The caller has
 * checked that there are as many as {@link byteLengthOf} says.
 */
export const tensorOf = (dtype: TensorDType, shape: readonly number[], bytes: Uint8Array): Tensor => {
  const buffer = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(buffer).set(bytes)
  return tensorOver(dtype, [...shape], buffer)
}

/** {@link tensorOf} over memory of its own. */
export const tensorOver = (dtype: TensorDType, shape: readonly number[], buffer: ArrayBuffer): Tensor => {
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: new Float32Array(buffer) }
    case 'float64':
      return { dtype, shape, data: new Float64Array(buffer) }
    case 'bfloat16':
    case 'float16':
      return { dtype, shape, data: new Uint16Array(buffer) }
    case 'int8':
      return { dtype, shape, data: new Int8Array(buffer) }
    case 'uint8':
    case 'bool':
      return { dtype, shape, data: new Uint8Array(buffer) }
    case 'int16':
      return { dtype, shape, data: new Int16Array(buffer) }
    case 'uint16':
      return { dtype, shape, data: new Uint16Array(buffer) }
    case 'int32':
      return { dtype, shape, data: new Int32Array(buffer) }
    case 'uint32':
      return { dtype, shape, data: new Uint32Array(buffer) }
    case 'int64':
      return { dtype, shape, data: new BigInt64Array(buffer) }
    case 'uint64':
      return { dtype, shape, data: new BigUint64Array(buffer) }
  }
}

/** The bytes of the elements of a tensor, over the same memory. */
export const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Whether a value is a tensor: by its structure, which fits together. */
export const isTensor = (value: unknown): value is Tensor => {
  if (typeof value !== 'object' || value === null) return false
  const { dtype, shape, data } = value as { readonly [key: string]: unknown }
  return (
    isTensorDType(dtype) &&
    Array.isArray(shape) &&
    ArrayBuffer.isView(data) &&
    byteLengthOf(dtype, shape) === data.byteLength &&
    Object.getPrototypeOf(tensorOver(dtype, [], new ArrayBuffer(0)).data) === Object.getPrototypeOf(data)
  )
}
