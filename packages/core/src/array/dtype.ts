/**
 * How the elements of an array are stored. `float32` and `float64` are computed in; `bfloat16` and `float16` are storage
 * alone: their elements are float32 as soon as they are read, and only a cast rounds to them.
 */
export type DType = 'float32' | 'float64' | 'bfloat16' | 'float16'

/** The typed array behind a dtype; the 16-bit dtypes keep their bit patterns. */
export type DataOf<D extends DType> = D extends 'float32'
  ? Float32Array
  : D extends 'float64'
    ? Float64Array
    : Uint16Array

/** Any typed array that holds elements. */
export type Data = Float32Array | Float64Array | Uint16Array

/** The dtypes, by the small number that stands for them in programs. */
export const DTYPES = ['float32', 'float64', 'bfloat16', 'float16'] as const satisfies readonly DType[]

/** The small numbers of the dtypes. `Scalar` is no dtype of an array: a float64 that takes the dtype of what it meets. */
export const Kind = { F32: 0, F64: 1, BF16: 2, F16: 3, Scalar: 4 } as const

/** One of {@link Kind}. */
export type Kind = (typeof Kind)[keyof typeof Kind]

/** The number that stands for a dtype. */
export const kindOf = (dtype: DType): Kind => DTYPES.indexOf(dtype) as Kind

/** The dtype that a number stands for. */
export const dtypeOf = (kind: Kind): DType => (DTYPES as readonly DType[])[kind] ?? 'float64'

/** Whether a value names a dtype. */
export const isDType = (value: unknown): value is DType => DTYPES.includes(value as DType)

/** Bytes of one element. */
export const bytesOf = (kind: Kind): number => (kind === Kind.F64 ? 8 : kind === Kind.F32 ? 4 : 2)

/** The dtype in which arrays of a dtype are computed with: the 16-bit dtypes are float32 as soon as they are read. */
export const widened = (kind: Kind): Kind => (kind === Kind.BF16 || kind === Kind.F16 ? Kind.F32 : kind)

/** The dtype of a result: the wider one, at least float32; a scalar gives way. */
export const promote = (a: Kind, b: Kind): Kind => {
  if (a === Kind.F64 || b === Kind.F64) return Kind.F64
  return a === Kind.Scalar && b === Kind.Scalar ? Kind.Scalar : Kind.F32
}

/** A fresh array of zeros. */
export const allocate = (kind: Kind, length: number): Data =>
  kind === Kind.F32 ? new Float32Array(length) : kind === Kind.F64 ? new Float64Array(length) : new Uint16Array(length)
