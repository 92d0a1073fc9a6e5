import { add, broadcast, div, Expr, greater, max, norm, type Operand, shapeOf, where, zerosLike } from '@gradchain/core'
import type { ShortSide } from './shortSide.js'

/** Added to norms that are divided by, as in the references of APOLLO and Fira. */
export const SMALL = 1e-8

/**
 * By what a gradient is to be multiplied to be as long as the update of its projection is to the projection, in each channel of the longer
 * side or in all of it, in the shape of the whole matrix.
 */
export const lengthening = (
  matrix: ShortSide,
  whole: Operand,
  r: Operand,
  u: Operand,
  scaleType: 'channel' | 'tensor'
): Operand => {
  const at = matrix.batch.length
  const isOne = scaleType === 'tensor' && at === 0
  const axes = scaleType === 'tensor' ? [at, at + 1] : [matrix.isLeft ? at : at + 1]
  const sizeOf = (x: Operand): Operand => (isOne ? norm(x) : norm(x, axes))
  const factor = div(sizeOf(u), add(sizeOf(r), SMALL))
  return isOne ? factor : broadcast(factor, shapeOf(whole))
}

/** The norm of each matrix of a leaf. */
export const normOf = (u: Operand, { batch }: ShortSide): Operand => (batch.length === 0 ? norm(u) : norm(u, [1, 2]))

/** The factor that keeps a norm from growing faster than that. */
export const limitOf = (size: Operand, before: Operand, maxGrowth: number): Operand => {
  const growth = div(size, add(before, SMALL))
  return where(
    greater(before, 0),
    div(maxGrowth, max(growth, maxGrowth)),
    before instanceof Expr ? add(zerosLike(before), 1) : 1
  )
}
