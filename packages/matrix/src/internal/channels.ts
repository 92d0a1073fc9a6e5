import {
  add,
  broadcast,
  div,
  Expr,
  greater,
  max,
  mul,
  norm,
  type Operand,
  shapeOf,
  type Tree,
  where,
  zerosLike
} from '@gradchain/core'
import { mapPlaced, type Places } from './mapPlaced.js'
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
const normOf = (u: Operand, { batch }: ShortSide): Operand => (batch.length === 0 ? norm(u) : norm(u, [1, 2]))

/** The factor that keeps a norm from growing faster than that. */
const limitOf = (size: Operand, before: Operand, maxGrowth: number): Operand => {
  const growth = div(size, add(before, SMALL))
  return where(
    greater(before, 0),
    div(maxGrowth, max(growth, maxGrowth)),
    before instanceof Expr ? add(zerosLike(before), 1) : 1
  )
}

/** For each matrix the factor that keeps its norm from growing faster than that, and the norm that it has with it; 0 for other leaves. */
export const growthLimited = (
  places: Places<ShortSide | null>,
  leaves: Tree,
  before: Tree,
  maxGrowth: number
): { readonly limits: Tree; readonly norms: Tree } => {
  const limits = mapPlaced(
    (matrix, u, last) => (matrix === null ? 0 : limitOf(normOf(u, matrix), last, maxGrowth)),
    places,
    leaves,
    before
  )
  const norms = mapPlaced(
    (matrix, u, limit) => (matrix === null ? 0 : mul(normOf(u, matrix), limit)),
    places,
    leaves,
    limits
  )
  return { limits, norms }
}
