import type { DType, NdArray } from '@gradchain/core'

/** How the elements of a {@link WholeTensor} are stored: whole numbers, or truth as 0 and 1. */
export type WholeDType = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool'

/** The typed array behind each {@link WholeDType}. */
export interface WholeData {
  /** Whole numbers from −2⁷ on. */
  readonly int8: Int8Array
  /** Whole numbers below 2⁸. */
  readonly uint8: Uint8Array
  /** Whole numbers from −2¹⁵ on. */
  readonly int16: Int16Array
  /** Whole numbers below 2¹⁶. */
  readonly uint16: Uint16Array
  /** Whole numbers from −2³¹ on. */
  readonly int32: Int32Array
  /** Whole numbers below 2³². */
  readonly uint32: Uint32Array
  /** Whole numbers from −2⁶³ on, which no `number` holds: bigints. */
  readonly int64: BigInt64Array
  /** Whole numbers below 2⁶⁴, which no `number` holds: bigints. */
  readonly uint64: BigUint64Array
  /** 0 or 1. */
  readonly bool: Uint8Array
}

/** An array of whole numbers out of a file, which Gradchain does not compute with: a count, indices, a mask. */
export interface WholeTensor<D extends WholeDType = WholeDType> {
  /** How the elements are stored. */
  readonly dtype: D
  /** The lengths along each axis; `[]` is a single element. */
  readonly shape: readonly number[]
  /** The elements in row-major order. */
  readonly data: WholeData[D]
}

/** The dtypes of arrays in files that we read and write. */
export type TensorDType = DType | WholeDType

/**
 * An array as the files of other tools hold it. Where Gradchain has its dtype it is an `NdArray`, a leaf like any other;
 * whole numbers keep their own dtype to the bit. There are no complex numbers and no 8-bit floats.
 */
export type Tensor = NdArray | WholeTensor

/** What a container holds: tensors, and the plain values beside them, in objects and arrays. */
export type TensorTree =
  | Tensor
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly TensorTree[]
  | { readonly [key: string]: TensorTree }
