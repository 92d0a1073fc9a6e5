/**
 * The columns of a matrix made orthonormal, one after the other, by the method of Gram and Schmidt, done twice, in float64. A column that lies among those
 * before it, up to rounding, is no direction: that of `instead` stands in its place, as it is, or zeros.
 *
 * @param elements - row by row.
 */
export const orthonormal = (
  elements: ArrayLike<number>,
  columns: number,
  instead?: ArrayLike<number> | undefined
): Float64Array => {
  const out = Float64Array.from(elements)
  const rows = columns === 0 ? 0 : out.length / columns
  const at = (matrix: ArrayLike<number>, i: number, j: number): number => matrix[i * columns + j] as number
  const scaled = (j: number, by: number): void => {
    for (let i = 0; i < rows; i++) out[i * columns + j] = at(out, i, j) * by
  }
  const lengthOf = (j: number): number => {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += at(out, i, j) * at(out, i, j)
    return Math.sqrt(sum)
  }
  const isNone: boolean[] = []
  for (let j = 0; j < columns; j++) {
    let largest = 0
    for (let i = 0; i < rows; i++) {
      const size = Math.abs(at(out, i, j))
      if (size > largest || Number.isNaN(size)) largest = size
    }
    isNone[j] = largest === 0
    if (isNone[j]) continue
    // First to a size whose square is neither 0 nor infinite.
    for (let i = 0; i < rows; i++) out[i * columns + j] = at(out, i, j) / largest
    const before = lengthOf(j)
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        if (isNone[k]) continue
        let along = 0
        for (let i = 0; i < rows; i++) along += at(out, i, j) * at(out, i, k)
        for (let i = 0; i < rows; i++) out[i * columns + j] = at(out, i, j) - along * at(out, i, k)
      }
    }
    const after = lengthOf(j)
    isNone[j] = after <= NOTHING * before
    scaled(j, isNone[j] ? 0 : 1 / after)
  }
  if (instead !== undefined) {
    for (let j = 0; j < columns; j++) {
      if (isNone[j]) for (let i = 0; i < rows; i++) out[i * columns + j] = at(instead, i, j)
    }
  }
  return out
}

/** The share of a column below which what is left of it may be rounding, of products in float32. */
const NOTHING = 2 ** -17
