import type { Tensor, TensorDType } from '../tensor.js'
import { bytesPerElement, tensorOver } from './tensors.js'

/** The dtypes of bare typed arrays, by their names. */
const DTYPES: ReadonlyMap<string, TensorDType> = /* @__PURE__ */ new Map<string, TensorDType>([
  ['Float32Array', 'float32'],
  ['Float64Array', 'float64'],
  ['Float16Array', 'float16'],
  ['Int8Array', 'int8'],
  ['Int16Array', 'int16'],
  ['Int32Array', 'int32'],
  ['BigInt64Array', 'int64'],
  ['Uint8Array', 'uint8'],
  ['Uint16Array', 'uint16'],
  ['Uint32Array', 'uint32'],
  ['BigUint64Array', 'uint64']
])

/** What a typed array is called, whichever realm it is from. */
const nameOf = (value: ArrayBufferView): string =>
  String((value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag])

/** The dtype of a typed array that a tree may hold; `undefined` for any other value. A Buffer counts as the bytes that it is. */
export const dtypeOfArray = (value: unknown): TensorDType | undefined =>
  ArrayBuffer.isView(value) ? DTYPES.get(nameOf(value)) : undefined

/** How many elements a typed array has. */
export const lengthOfArray = (value: ArrayBufferView, dtype: TensorDType): number =>
  value.byteLength / bytesPerElement(dtype)

type Float16 = new (buffer: ArrayBufferLike) => Float32Array

/**
 * The elements of a tensor as a bare typed array. Of float16 that is a `Float16Array`; where there is none, as before Node 24, the tensor
 * stays what it is, which is the same vector for all that computes with it.
 */
export const bareOf = (tensor: Tensor): Tensor | Tensor['data'] => {
  if (tensor.dtype !== 'float16') return tensor.data
  const { Float16Array: Half } = globalThis as unknown as { readonly Float16Array?: Float16 }
  return Half === undefined ? tensor : new Half(tensor.data.buffer)
}

/** A tensor whose elements are still to be read, of so many bytes. */
export const emptyTensor = (dtype: TensorDType, shape: readonly number[], bytes: number): Tensor =>
  tensorOver(dtype, shape, new ArrayBuffer(bytes))
