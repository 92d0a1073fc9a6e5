import { type Expr, ndarray, type Operand } from '@gradchain/core'
import { computed, matricesOf } from './matrices.js'
import { svdOf } from './svdOf.js'

/** Orthonormal columns that span where a matrix is largest. */
export interface Subspace {
  /** Of each matrix of m rows the first r left singular vectors, `[…, m, r]`. */
  readonly left: Expr
  /** Of each matrix of n columns the first r right singular vectors, `[…, n, r]`. */
  readonly right: Expr
}

/**
 * The first r singular vectors on both sides of each of a stack of matrices. The sign of a vector is that with which it points
 * along the one that stood there before, so that what is kept along it goes on; where nothing did, it is any.
 */
export const subspaceOf = (
  owner: string,
  x: Operand,
  rank: number,
  before: { readonly left: Operand; readonly right: Operand }
): Subspace => {
  const matrices = matricesOf(owner, 'updates', x)
  const { batch, rows, columns } = matrices
  const known = (old: Operand, length: number) =>
    matricesOf(
      owner,
      'state',
      typeof old === 'number' ? ndarray(new Float64Array(size(batch) * length * rank), [...batch, length, rank]) : old
    )
  const shapes = [
    [rows, rank],
    [columns, rank]
  ] as const
  const operands = [matrices, known(before.left, rows), known(before.right, columns)]
  const [left, right] = computed('leadingSubspace', operands, shapes, (a, oldLeft, oldRight) => {
    const { u, vt } = svdOf(a as Float64Array, rows, columns)
    const k = Math.min(rows, columns)
    const take = (length: number, at: (i: number, j: number) => number, old: Float64Array): Float64Array => {
      const out = new Float64Array(length * rank)
      for (let j = 0; j < rank; j++) {
        let along = 0
        for (let i = 0; i < length; i++) along += at(i, j) * (old[i * rank + j] as number)
        for (let i = 0; i < length; i++) out[i * rank + j] = along < 0 ? -at(i, j) : at(i, j)
      }
      return out
    }
    return [
      take(rows, (i, j) => u[i * k + j] as number, oldLeft as Float64Array),
      take(columns, (i, j) => vt[j * columns + i] as number, oldRight as Float64Array)
    ]
  })
  return { left: left as Expr, right: right as Expr }
}

const size = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1)
