import { InvalidOption } from '../errors.js'
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
  const rows: SparseRows = { kind: 'sparseRows', indices, values, shape }
  const flaw = flawOfRows(rows)
  if (flaw !== undefined) throw new InvalidOption(`sparseRows: ${flaw.name} must be ${flaw.wanted}, got ${flaw.got}`)
  return rows
}
