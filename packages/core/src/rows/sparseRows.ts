import { InvalidOption } from '../errors.js'
import { densified } from './densified.js'
import { densifyBy } from './densify.js'
import { flawOfRows } from './flawOfRows.js'
import type { SparseRows } from './types.js'

/**
 * A gradient that is zero but for some rows. It may stand in place of a gradient wherever the param is an array of at least one axis, in
 * `update`, `step` and `transient`.
 *
 * A transformation is given the dense gradient that it stands for, zeros and all: **dense rules move rows that were not used**, by
 * their momentum, decay and what else they remember. {@link lazyRows} has a transformation leave them as they are.
 *
 * Rows that are named more than once are added up in the order in which they are given, in the dtype of the values; those of 16 bits in
 * float32, and rounded once.
 *
 * What they are is plain data: a copy of them, such as a worker sends, may stand for them, and an object that was written by hand. But
 * what knows of rows comes with this function and {@link lazyRows} alone, so that nobody else has it in a bundle. A program that has only copies,
 * and no `lazyRows`, hands them to this function first: `sparseRows(rows.indices, rows.values, rows.shape)`.
 *
 * Laws: an update by sparse rows is that by {@link denseRows} of them, to the bit, but for what is made by `lazyRows`.
 *
 * @param indices - whole numbers from 0 to `shape[0] - 1`, in any order.
 * @param values - of the dtype that a dense gradient would have; neither they nor the indices are copied.
 *
 * @example
 * const params = { embedding: ndarray(new Float32Array(6), [3, 2]) }
 * const grads = { embedding: sparseRows([2, 0, 2], new Float32Array([1, 2, 3, 4, 5, 6]), [3, 2]) }
 * const tx = scale(-1)
 * step(tx, grads, tx.init(params), params)[0].embedding.data // => Float32Array [-3, -4, 0, 0, -6, -8]
 *
 * @throws InvalidOption for an index that is out of range, and values that do not have the shape.
 * @see lazyRows
 */
export const sparseRows = (
  indices: SparseRows['indices'],
  values: SparseRows['values'],
  shape: readonly number[]
): SparseRows => {
  densifyBy(densified)
  const rows: SparseRows = { kind: 'sparseRows', indices, values, shape }
  const flaw = flawOfRows(rows)
  if (flaw !== undefined) throw new InvalidOption(`sparseRows: ${flaw.name} must be ${flaw.wanted}, got ${flaw.got}`)
  return rows
}
