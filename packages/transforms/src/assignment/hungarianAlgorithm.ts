import {
  cast,
  InvalidOption,
  InvalidTree,
  type Leaf,
  type NdArray,
  type Operand,
  shapeOf,
  show,
  viewsOf
} from '@gradchain/core'
import { isOperand } from '../internal/isOperand.js'

/** An assignment of rows to columns. */
export interface Assignment {
  /** The rows that have a column, in ascending order. */
  readonly rows: Uint32Array
  /** The column of each of them. */
  readonly columns: Uint32Array
}

/**
 * Assigns rows to columns so that the sum of costs is as small as it can be: workers to tasks, predictions to targets.
 *
 * Of an n × m matrix C of costs it gives min(n, m) pairs of a row and a column, none of which is there twice, with the least sum of Cᵢⱼ. It
 * takes time in proportion to min(n, m)² · max(n, m). Where several assignments are as good, which one it is, is not said.
 *
 * Laws: adding a number to all costs of a row, or of a column where none is left over, changes nothing; the transposed matrix has the
 * same pairs the other way round, but for ties.
 *
 * @param costs - a matrix of finite numbers. For a pair that must not be give a cost above all others together.
 *
 * @example
 * const costs = ndarray([8, 4, 7, 5, 2, 3, 9, 6, 7, 9, 4, 8], [4, 3])
 * hungarianAlgorithm(costs) // => { rows: Uint32Array [0, 1, 3], columns: Uint32Array [0, 2, 1] }
 *
 * @throws InvalidTree for what is no matrix; InvalidOption for a cost that is not finite.
 * @see Crouse (2016), On implementing 2D rectangular assignment algorithms, section II,
 * {@link https://doi.org/10.1109/TAES.2016.140952}
 */
export const hungarianAlgorithm = (costs: Operand): Assignment => {
  if (!isOperand(costs)) throw new InvalidTree(`hungarianAlgorithm: costs must be a matrix, got ${show(costs)}`)
  const [n, m, ...more] = shapeOf(costs)
  if (n === undefined || m === undefined || more.length > 0) {
    throw new InvalidTree(`hungarianAlgorithm: costs must be a matrix, got shape ${show(shapeOf(costs))}`)
  }
  const numbers = numbersOf(viewsOf(costs) as Leaf)
  const wrong = numbers.findIndex((cost) => !Number.isFinite(cost))
  if (wrong >= 0) {
    throw new InvalidOption(`hungarianAlgorithm: costs must be finite numbers, got ${show(numbers[wrong])}`)
  }
  if (n <= m) {
    const columns = assigned(n, m, (i, j) => numbers[i * m + j] as number)
    return { rows: Uint32Array.from(columns, (_, i) => i), columns }
  }
  const found = assigned(m, n, (j, i) => numbers[i * m + j] as number)
  const rows = found.slice().sort()
  return { rows, columns: rows.map((row) => found.indexOf(row)) }
}

const numbersOf = (leaf: Leaf): Float64Array => {
  const { data } = viewsOf(cast(leaf, 'float64')) as NdArray<'float64'>
  return data
}

/**
 * The column of each of n rows, of which there are no more than columns: rows are added one by one, each along the shortest path to a
 * column that is free, in lengths that prices on rows and columns make ≥ 0.
 */
const assigned = (n: number, m: number, costOf: (i: number, j: number) => number): Uint32Array => {
  const ofRow = new Float64Array(n)
  const ofColumn = new Float64Array(m)
  const rowOf = new Int32Array(m).fill(FREE)
  for (let start = 0; start < n; start++) {
    const lengths = new Float64Array(m).fill(Infinity)
    const before = new Int32Array(m).fill(FREE)
    const isDone = new Uint8Array(m)
    let [row, last, length] = [start, FREE, 0]
    while (row !== FREE) {
      let nearest = FREE
      for (let j = 0; j < m; j++) {
        if (isDone[j] === 1) continue
        const reached = length + costOf(row, j) - at(ofRow, row) - at(ofColumn, j)
        if (reached < at(lengths, j)) {
          lengths[j] = reached
          before[j] = last
        }
        if (nearest === FREE || at(lengths, j) < at(lengths, nearest)) nearest = j
      }
      length = at(lengths, nearest)
      isDone[nearest] = 1
      last = nearest
      row = at(rowOf, nearest)
    }
    // Prices: what is on the way costs nothing from now on.
    ofRow[start] = at(ofRow, start) + length
    for (let j = 0; j < m; j++) {
      if (isDone[j] === 0) continue
      const less = length - at(lengths, j)
      ofColumn[j] = at(ofColumn, j) - less
      const taken = at(rowOf, j)
      if (taken !== FREE) ofRow[taken] = at(ofRow, taken) + less
    }
    // Every column on the path hands its row on.
    while (last !== FREE) {
      const previous = at(before, last)
      rowOf[last] = previous === FREE ? start : at(rowOf, previous)
      last = previous
    }
  }
  const columns = new Uint32Array(n)
  rowOf.forEach((row, j) => {
    if (row !== FREE) columns[row] = j
  })
  return columns
}

const FREE = -1

const at = (array: Float64Array | Int32Array, i: number): number => array[i] as number
