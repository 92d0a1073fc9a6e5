import { type DType, type Leaf, type NdArray, ndarray } from '@gradchain/core'
import fc from 'fast-check'

/** Options of the arbitraries of trees. */
export interface ParamsOptions {
  /** Dtypes of the arrays, one or more. @defaultValue `['float32', 'float64']` */
  readonly dtypes?: readonly DType[]
  /** Whether numbers may be leaves. @defaultValue `true` */
  readonly numbers?: boolean
  /** Whether arrays may have a shape; else all are bare vectors, where the dtype has such. @defaultValue `true` */
  readonly shapes?: boolean
}

// Around the width of a vector register, and rarely around the blocks of a sum and of the staging.
const length = fc.oneof(
  { weight: 300, arbitrary: fc.nat(9) },
  { weight: 3, arbitrary: fc.integer({ min: 4095, max: 4097 }) },
  { weight: 1, arbitrary: fc.integer({ min: 16_383, max: 16_385 }) }
)

const shape = fc.oneof(
  { weight: 60, arbitrary: fc.array(fc.nat(4), { maxLength: 4, size: 'max' }) },
  { weight: 60, arbitrary: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4, size: 'max' }) },
  { weight: 1, arbitrary: fc.constantFrom([65, 63], [2, 2049], [4097]) }
)

/** Leaves that are all 0, each a number, a bare vector or an array of rank 0 to 4. */
export const leaf = ({
  dtypes = ['float32', 'float64'],
  numbers = true,
  shapes = true
}: ParamsOptions = {}): fc.Arbitrary<Leaf> =>
  fc.oneof(
    ...(numbers ? [fc.constant<Leaf>(0)] : []),
    ...dtypes.map((dtype) => length.map((n) => vector(dtype, n))),
    ...(shapes ? dtypes.map((dtype) => shape.map((lengths): Leaf => zeros(dtype, lengths))) : [])
  )

/** A bare vector, or an array of rank 1 where the dtype has none. */
const vector = (dtype: DType, n: number): Leaf =>
  dtype === 'float32' ? new Float32Array(n) : dtype === 'float64' ? new Float64Array(n) : zeros(dtype, [n])

const zeros = (dtype: DType, lengths: readonly number[]): NdArray => {
  const size = lengths.reduce((product, n) => product * n, 1)
  if (dtype === 'float32') return ndarray(new Float32Array(size), lengths)
  return dtype === 'float64' ? ndarray(new Float64Array(size), lengths) : ndarray(new Uint16Array(size), lengths, dtype)
}
