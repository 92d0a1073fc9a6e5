import { matmul, type Operand } from '@gradchain/core'
import { fansOf, toMatrices, type View } from './dimensionNumbers.js'

/** A leaf whose matrices are projected along their shorter side: the columns, where both are equal. */
export interface ShortSide {
  readonly view: View
  /** The length of a stack, or none. */
  readonly batch: readonly number[]
  /** The length of that side. */
  readonly side: number
  /** Onto how many directions. */
  readonly rank: number
  /** Whether that side are the rows. */
  readonly isLeft: boolean
}

/** How a leaf of some shape is projected. */
export const shortSideOf = (view: View, shape: readonly number[], rank: number): ShortSide => {
  const [rows, columns] = fansOf(view, shape)
  const batch = view.batch.length === 0 ? [] : [view.batch.reduce((n, axis) => n * (shape[axis] as number), 1)]
  const side = Math.min(rows, columns)
  return { view, batch, side, rank: Math.min(rank, side), isLeft: rows < columns }
}

/** Pᵀ X, or X P, of a leaf. */
export const projectedShort = ({ view, isLeft }: ShortSide, x: Operand, p: Operand): Operand =>
  alongShort({ isLeft }, toMatrices(x, view), p)

/** The same of matrices. */
export const alongShort = ({ isLeft }: Pick<ShortSide, 'isLeft'>, x: Operand, p: Operand): Operand =>
  isLeft ? matmul(p, x, { transposeA: true }) : matmul(x, p)

/** P X, or X Pᵀ: whole matrices out of projected ones. */
export const backShort = ({ isLeft }: ShortSide, x: Operand, p: Operand): Operand =>
  isLeft ? matmul(p, x) : matmul(x, p, { transposeB: true })
