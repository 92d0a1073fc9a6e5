import { allocate, dtypeOf } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import { InvalidOption } from '../errors.js'
import { flawOfRows, isSparseRows } from './flawOfRows.js'
import { type SummedRows, summedRows } from './summedRows.js'
import type { SparseRows } from './types.js'

/**
 * The dense gradient that sparse rows stand for: zeros, and the sums of what is given for each row.
 *
 * @example
 * denseRows(sparseRows([1, 1], new Float32Array([1, 2]), [3])) // => { dtype: 'float32', shape: [3], data: Float32Array [0, 3, 0] }
 *
 * @throws InvalidOption for what are no sparse rows.
 * @see sparseRows
 */
export const denseRows = (rows: SparseRows): NdArray => {
  if (!isSparseRows(rows)) throw new InvalidOption('denseRows: rows must be sparse rows, as sparseRows makes them')
  const flaw = flawOfRows(rows)
  if (flaw !== undefined) throw new InvalidOption(`denseRows: ${flaw.name} must be ${flaw.wanted}, got ${flaw.got}`)
  return spread(summedRows(rows), rows.shape)
}

/** An array with these rows, and zeros elsewhere. */
export const spread = ({ indices, kind, width, data }: SummedRows, shape: readonly number[]): NdArray => {
  const all = allocate(kind, (shape[0] ?? 0) * width)
  indices.forEach((row, i) => all.set(data.subarray(i * width, (i + 1) * width), row * width))
  return { dtype: dtypeOf(kind), shape: [...shape], data: all } as NdArray
}
