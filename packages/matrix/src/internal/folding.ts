import { cast, Expr, matmul, type Operand, reshape, shapeOf, type Tree, transpose } from '@gradchain/core'
import { fromMatrices, toMatrices, type View, type WeightDimensionNumbers } from './dimensionNumbers.js'
import { type Places, placesOf } from './mapPlaced.js'
import { viewAt } from './views.js'
import { wideDtype } from './wideDtype.js'

/** How a leaf is seen as an array of which each axis has a matrix, or as a stack of such arrays. */
export interface Folding {
  /** How the leaf is seen as matrices, where it was said. */
  readonly view: View | null
  /** The axes in front: the length of a stack, or none. */
  readonly batch: readonly number[]
  /** The lengths of the axes; none for a leaf that has no matrices. */
  readonly lengths: readonly number[]
  /** Whether the leaf is a vector. */
  readonly isVector: boolean
}

/** How leaves are folded. */
export interface FoldingOptions {
  readonly weightDimensionNumbers: WeightDimensionNumbers | undefined
  /** Up to which length neighbouring axes are merged into one; 0 for not at all. */
  readonly mergeUpTo: number
}

/** How each leaf is folded. */
export const foldingsOf = (owner: string, options: FoldingOptions, leaves: Tree): Places<Folding> =>
  placesOf((path, leaf) => foldingAt(owner, options, path, shapeOf(leaf)), leaves)

const foldingAt = (
  owner: string,
  { weightDimensionNumbers, mergeUpTo }: FoldingOptions,
  path: string,
  shape: readonly number[]
): Folding => {
  const isVector = shape.length === 1
  if (weightDimensionNumbers === undefined) {
    const lengths = mergeUpTo > 0 && shape.length > 1 ? merged(shape, mergeUpTo) : shape
    return { view: null, batch: [], lengths, isVector }
  }
  const view = viewAt(owner, weightDimensionNumbers, path, shape)
  if (view === null) return { view, batch: [], lengths: isVector ? shape : [], isVector }
  const lengthOf = (axes: readonly number[]): number => product(axes.map((axis) => shape[axis] as number))
  return {
    view,
    batch: view.batch.length === 0 ? [] : [lengthOf(view.batch)],
    lengths: [lengthOf(view.reduction), lengthOf(view.output)],
    isVector
  }
}

/** Neighbouring axes put together as long as the product is no longer than that. */
const merged = (shape: readonly number[], most: number): readonly number[] => {
  if (shape.includes(0)) return [0]
  const lengths: number[] = []
  let current = 1
  for (const length of shape) {
    if (current * length <= most) {
      current *= length
    } else if (current > 1) {
      lengths.push(current)
      current = length
    } else {
      lengths.push(length)
    }
  }
  return current > 1 || lengths.length === 0 ? [...lengths, current] : lengths
}

/** A leaf as it is folded, in the dtype in which it is computed with. */
export const fold = (x: Operand, { view, lengths }: Folding): Operand => {
  const wide = x instanceof Expr ? cast(x, wideDtype(x)) : x
  if (view !== null) return toMatrices(wide, view)
  return lengths.length === 0 || isSame(shapeOf(wide), lengths) ? wide : reshape(wide, lengths)
}

/** What is folded, in the form of the leaf. */
export const unfold = (x: Operand, { view }: Folding, like: Operand): Operand => {
  if (view !== null) return fromMatrices(x, view, shapeOf(like))
  if (isBare(x) === isBare(like) && isSame(shapeOf(x), shapeOf(like))) return x
  return reshape(x, isBare(like) ? null : shapeOf(like))
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i])

const product = (lengths: readonly number[]): number => lengths.reduce((n, length) => n * length, 1)

/** An array with one of its axes as rows and all others as columns, one matrix or a stack of them. */
export const rowsAlong = (x: Operand, { batch, lengths }: Folding, axis: number): Operand => {
  const rows = lengths[axis] as number
  const shape = [...batch, rows, product(lengths.filter((_, i) => i !== axis))]
  return reshape(axis === 0 ? x : transpose(x, orderOf(batch, lengths, axis)), shape)
}

/** An array out of those rows, in the form of another. */
export const fromRows = (rows: Operand, { batch, lengths }: Folding, axis: number, like: Operand): Operand => {
  const order = orderOf(batch, lengths, axis)
  const shape = [...batch, ...lengths]
  if (isBare(like)) return reshape(rows, null)
  const back = reshape(
    rows,
    order.map((i) => shape[i] as number)
  )
  if (axis === 0) return back
  return transpose(
    back,
    shape.map((_, i) => order.indexOf(i))
  )
}

const orderOf = (batch: readonly number[], lengths: readonly number[], axis: number): readonly number[] => {
  const at = batch.length
  return [...batch.map((_, i) => i), axis + at, ...lengths.map((_, i) => i + at).filter((i) => i !== axis + at)]
}

/** X₍ᵢ₎ X₍ᵢ₎ᵀ: the Gram matrix of an axis, summed over all others. */
export const gramAlong = (x: Operand, folding: Folding, axis: number): Expr => {
  if (folding.lengths.length === 2) {
    return axis === 0 ? matmul(x, x, { transposeB: true }) : matmul(x, x, { transposeA: true, symmetric: true })
  }
  const rows = rowsAlong(x, folding, axis)
  return matmul(rows, rows, { transposeB: true })
}

/** The product of a matrix, or of its transpose, with an array along one of its axes. */
export const productAlong = (
  x: Operand,
  folding: Folding,
  axis: number,
  matrix: Operand,
  isTransposed = false
): Operand => {
  if (folding.lengths.length === 2) {
    return axis === 0
      ? matmul(matrix, x, { transposeA: isTransposed })
      : matmul(x, matrix, { transposeB: !isTransposed })
  }
  return fromRows(matmul(matrix, rowsAlong(x, folding, axis), { transposeA: isTransposed }), folding, axis, x)
}

const isBare = (x: Operand): boolean => x instanceof Expr && !x.isScalar && x.shape === null
