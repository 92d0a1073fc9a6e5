import { dotOf } from './vectors.js'

/** The derivatives of residuals at some params: a matrix, or what multiplies by one. */
export interface Jacobian {
  readonly rows: number
  readonly columns: number
  /** The matrix, row by row; `null` where it would be too large. */
  readonly matrix: Float64Array | null
  /** J v */
  readonly apply: (v: Float64Array) => Float64Array
  /** Jᵀ u */
  readonly applyTransposed: (u: Float64Array) => Float64Array
}

/** Products with the matrix, before its rows are weighted. */
export type JacobianProducts = Pick<Jacobian, 'apply' | 'applyTransposed'>

/** The Jacobian out of products with it: as a matrix by as many of them as it has columns, or rows where those are fewer. */
export const jacobianOf = (
  rows: number,
  columns: number,
  products: JacobianProducts,
  weights: Float64Array | null,
  given: Float64Array | null,
  isDense: boolean
): Jacobian => {
  const weighted = (u: Float64Array): Float64Array =>
    weights === null ? u : u.map((value, i) => value * (weights[i] as number))
  if (!isDense) {
    return {
      rows,
      columns,
      matrix: null,
      apply: (v) => weighted(products.apply(v)),
      applyTransposed: (u) => products.applyTransposed(weighted(u))
    }
  }
  const own = given ?? matrixOf(rows, columns, products)
  const matrix = weights === null ? own : own.map((value, i) => value * (weights[Math.floor(i / columns)] as number))
  return {
    rows,
    columns,
    matrix,
    apply: (v) =>
      Float64Array.from({ length: rows }, (_, i) => dotOf(matrix.subarray(i * columns, (i + 1) * columns), v)),
    applyTransposed: (u) => {
      const out = new Float64Array(columns)
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++)
          out[j] = (out[j] as number) + (matrix[i * columns + j] as number) * (u[i] as number)
      }
      return out
    }
  }
}

const matrixOf = (rows: number, columns: number, { apply, applyTransposed }: JacobianProducts): Float64Array => {
  const matrix = new Float64Array(rows * columns)
  const unit = new Float64Array(Math.min(rows, columns))
  for (let k = 0; k < unit.length; k++) {
    unit[k] = 1
    if (columns > rows) matrix.set(applyTransposed(unit), k * columns)
    else {
      apply(unit).forEach((value, i) => {
        matrix[i * columns + k] = value
      })
    }
    unit[k] = 0
  }
  return matrix
}
