import { type Expr, InvalidOption, InvalidTree, type Operand, reshape, shapeOf, show, transpose } from '@gradchain/core'

/**
 * Which axes of an array are those of a matrix W in x W = y: those that are summed over, and those that come out. All other axes
 * are batches of matrices, each on its own. Negative axes count from the end.
 */
export interface DimensionNumbers {
  /** The axis, or the axes, that are summed over: the rows. @defaultValue `0` */
  readonly reductionAxis?: number | readonly number[]
  /** The axis, or the axes, that come out: the columns. @defaultValue `1` */
  readonly outputAxis?: number | readonly number[]
}

/**
 * The dimension numbers of every leaf with enough axes, or a function of the path and the shape of a leaf that gives them; `null` for a leaf
 * that is no matrix.
 */
export type WeightDimensionNumbers =
  | DimensionNumbers
  | ((path: string, shape: readonly number[]) => DimensionNumbers | null)

/** A leaf seen as matrices. */
export interface View {
  readonly batch: readonly number[]
  readonly reduction: readonly number[]
  readonly output: readonly number[]
}

const axesOf = (
  owner: string,
  name: string,
  axis: number | readonly number[],
  shape: readonly number[],
  place: string
): readonly number[] =>
  (typeof axis === 'number' ? [axis] : axis).map((one) => {
    const found = one < 0 ? one + shape.length : one
    if (Number.isInteger(found) && found >= 0 && found < shape.length) return found
    throw new InvalidOption(`${owner}: ${name} of ${place} must be axes of shape ${show(shape)}, got ${show(axis)}`)
  })

/** The view of a leaf of some shape under dimension numbers; `place` names it in messages. */
export const viewOf = (
  owner: string,
  { reductionAxis = 0, outputAxis = 1 }: DimensionNumbers,
  shape: readonly number[],
  place: string
): View => {
  if (shape.length < 2) {
    throw new InvalidTree(`${owner}: ${place} must have at least 2 axes to be a matrix, got shape ${show(shape)}`)
  }
  const reduction = axesOf(owner, 'reductionAxis', reductionAxis, shape, place)
  const output = axesOf(owner, 'outputAxis', outputAxis, shape, place)
  const all = [...reduction, ...output]
  if (new Set(all).size < all.length) {
    throw new InvalidOption(
      `${owner}: reductionAxis and outputAxis of ${place} must not overlap, got ${show(reductionAxis)} and ${show(outputAxis)}`
    )
  }
  return { batch: shape.map((_, axis) => axis).filter((axis) => !all.includes(axis)), reduction, output }
}

const product = (axes: readonly number[], shape: readonly number[]): number =>
  axes.reduce((n, axis) => n * (shape[axis] as number), 1)

/** How many rows and columns each matrix of a view has. */
export const fansOf = ({ reduction, output }: View, shape: readonly number[]): readonly [number, number] => [
  product(reduction, shape),
  product(output, shape)
]

/** The matrices that a leaf holds, `[batch, rows, columns]`, or `[rows, columns]` where it is one. */
export const toMatrices = (x: Operand, view: View): Expr => {
  const shape = shapeOf(x)
  const order = [...view.batch, ...view.reduction, ...view.output]
  const [rows, columns] = fansOf(view, shape)
  const turned = order.every((axis, i) => axis === i) ? x : transpose(x, order)
  return reshape(turned, view.batch.length === 0 ? [rows, columns] : [product(view.batch, shape), rows, columns])
}

/** A leaf of some shape out of its matrices. */
export const fromMatrices = (matrices: Operand, view: View, shape: readonly number[]): Expr => {
  const order = [...view.batch, ...view.reduction, ...view.output]
  const turned = reshape(
    matrices,
    order.map((axis) => shape[axis] as number)
  )
  if (order.every((axis, i) => axis === i)) return turned
  return transpose(
    turned,
    shape.map((_, axis) => order.indexOf(axis))
  )
}
