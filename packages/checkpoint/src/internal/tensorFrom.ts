import type { Tensor, TensorDType } from '../tensor.js'
import { isTensor, tensorOf } from './tensors.js'

/** The dtypes that bare typed arrays are of, by the name of their class. */
const DTYPES: Readonly<Record<string, TensorDType>> = {
  Float16Array: 'float16',
  Float32Array: 'float32',
  Float64Array: 'float64',
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  BigInt64Array: 'int64',
  BigUint64Array: 'uint64'
}

/**
 * A leaf of a tree as a tensor: a typed array is a vector, a number has no axes and is float64, a bigint is int64. `undefined` for
 * what is no leaf, and for a bigint beyond 64 bits.
 */
export const tensorFrom = (leaf: unknown): Tensor | undefined => {
  if (typeof leaf === 'number') return { dtype: 'float64', shape: [], data: Float64Array.of(leaf) }
  if (typeof leaf === 'boolean') return { dtype: 'bool', shape: [], data: Uint8Array.of(leaf ? 1 : 0) }
  if (typeof leaf === 'bigint') {
    const data = BigInt64Array.of(leaf)
    return data[0] === leaf ? { dtype: 'int64', shape: [], data } : undefined
  }
  if (isTensor(leaf)) return leaf
  if (!ArrayBuffer.isView(leaf)) return undefined
  const dtype = DTYPES[String((leaf as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag])]
  if (dtype === undefined) return undefined
  const { length } = leaf as ArrayBufferView & ArrayLike<unknown>
  return tensorOf(dtype, [length], new Uint8Array(leaf.buffer, leaf.byteOffset, leaf.byteLength))
}
