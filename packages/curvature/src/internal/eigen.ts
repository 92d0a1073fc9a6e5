import { force, type NdArray, ndarray } from '@gradchain/core'
import { eigh } from '@gradchain/matrix'
import { dotOf } from './vectors.js'

/** A symmetric matrix by its eigenvalues, ascending, and its eigenvectors. */
export interface Eigen {
  readonly values: Float64Array
  /** The eigenvectors, one after the other. */
  readonly vectors: readonly Float64Array[]
}

/** The eigenvalues and eigenvectors of a symmetric matrix, row by row. */
export const eigenOf = (matrix: Float64Array, n: number): Eigen => {
  const { values, vectors } = eigh(ndarray(matrix, [n, n]))
  const found = force({ values, vectors }) as {
    readonly values: NdArray<'float64'>
    readonly vectors: NdArray<'float64'>
  }
  const columns = found.vectors.data
  return {
    values: found.values.data,
    vectors: Array.from({ length: n }, (_, j) =>
      Float64Array.from({ length: n }, (_, i) => columns[i * n + j] as number)
    )
  }
}

/** How much of a vector lies along each eigenvector. */
export const sharesOf = ({ vectors }: Eigen, v: Float64Array): Float64Array =>
  Float64Array.from(vectors, (vector) => dotOf(vector, v))

/** The vector with these shares. */
export const combined = ({ vectors }: Eigen, shares: Float64Array): Float64Array =>
  shares.map((_, i) => {
    let total = 0
    for (let k = 0; k < shares.length; k++) total += (shares[k] as number) * ((vectors[k] as Float64Array)[i] as number)
    return total
  })
