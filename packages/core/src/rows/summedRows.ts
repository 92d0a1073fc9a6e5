import { allocate, type Data, Kind, kindOf, widened } from '../array/dtype.js'
import { decode, encode, roundTo } from '../array/half.js'
import { dataOf, isNdArray, type NdArray, sizeOf } from '../array/ndarray.js'
import type { SparseRows } from './types.js'

/** Sparse rows, each once. */
export interface SummedRows {
  /** Which rows there are, in ascending order. */
  readonly indices: Int32Array
  readonly kind: Kind
  /** How many elements a row has. */
  readonly width: number
  readonly data: Data
}

/** Sparse rows with those that are there more than once added up, in the order in which they are given. */
export const summedRows = ({ indices: given, values, shape }: SparseRows): SummedRows => {
  const indices = Int32Array.from(new Set(given)).sort()
  const places = new Map(Array.from(indices, (row, i) => [row, i]))
  const width = sizeOf(shape.slice(1))
  const kind = kindOfValues(values)
  const from = isNdArray(values) ? dataOf(values) : values
  const sums = allocate(widened(kind), indices.length * width)
  const isThere = new Uint8Array(indices.length)
  const valueAt =
    widened(kind) === kind ? (i: number) => from[i] as number : (i: number) => decode(kind, from[i] as number)
  for (let i = 0; i < given.length; i++) {
    const place = places.get(given[i] as number) as number
    const [to, at] = [place * width, i * width]
    // The first is taken as it is: 0 + −0 would be 0.
    if (isThere[place] === 1) for (let j = 0; j < width; j++) sums[to + j] = (sums[to + j] as number) + valueAt(at + j)
    else for (let j = 0; j < width; j++) sums[to + j] = valueAt(at + j)
    isThere[place] = 1
  }
  const data = widened(kind) === kind ? sums : Uint16Array.from(sums, (x) => encode(kind, roundTo(kind, x)))
  return { indices, kind, width, data }
}

const kindOfValues = (values: SparseRows['values']): Kind =>
  isNdArray(values) ? kindOf((values as NdArray).dtype) : values instanceof Float32Array ? Kind.F32 : Kind.F64
