import { Kind, widened } from '../../array/dtype.js'
import { sizeOf } from '../../array/ndarray.js'
import { InvalidOption, InvalidTree, show } from '../../errors.js'
import { type AxisReduction, Expr, isGroup, type Operand, shapeOf } from '../expr.js'
import { REDUCING } from '../methods/reducing.js'
import { reducingAxes } from '../methods/reducingAxes.js'
import { Op } from '../op.js'
import { reduceBy } from '../reducing.js'
import { make } from '../tape.js'
import { div, mul, sqrt } from './arithmetic.js'
import { broadcast, cast } from './arrays.js'
import { isWide, needsScale, scaleFor } from './scaled.js'
import { isScalar, lift, shared, type Value } from './value.js'

/**
 * The sum of all elements, in float64; along some axes, which stay with length 1.
 *
 * @example
 * const matrix = ndarray([1, 2, 3, 4, 5, 6], [2, 3])
 * read(sum(matrix)) // => 21
 * force(sum(matrix, [1])) // => { dtype: 'float32', shape: [2, 1], data: Float32Array [6, 15] }
 *
 * @throws InvalidOption for an axis that the shape has not.
 */
export const sum = (x: Operand, axes?: readonly number[]): Value => reduced('sum', Op.Sum, x, axes)

/**
 * The largest element, −Infinity of none; along some axes, which stay with length 1.
 *
 * @example
 * const matrix = ndarray([1, 2, 3, 4, 5, 6], [2, 3])
 * read(maxOf(matrix)) // => 6
 * force(maxOf(matrix, [0])) // => { dtype: 'float32', shape: [1, 3], data: Float32Array [4, 5, 6] }
 *
 * @throws InvalidOption for an axis that the shape has not.
 */
export const maxOf = (x: Operand, axes?: readonly number[]): Value => reduced('maxOf', Op.MaxOf, x, axes)

/**
 * The smallest element, Infinity of none; along some axes, which stay with length 1.
 *
 * @example
 * const matrix = ndarray([1, 2, 3, 4, 5, 6], [2, 3])
 * read(minOf(matrix)) // => 1
 * force(minOf(matrix, [0, 1])) // => { dtype: 'float32', shape: [1, 1], data: Float32Array [1] }
 *
 * @throws InvalidOption for an axis that the shape has not.
 */
export const minOf = (x: Operand, axes?: readonly number[]): Value => reduced('minOf', Op.MinOf, x, axes)

// Of arrays that lie side by side it is a number of each.
const reduction = (op: number, x: Expr, y: Expr | null = null): Value => {
  reduceBy(REDUCING)
  return make(op, Kind.Scalar, isGroup(x) ? x.form : null, 1, x, y, null)
}

const reduced = (owner: string, op: AxisReduction['op'], x: Operand, axes: readonly number[] | undefined): Value => {
  const a = lift(x)
  if (!(a instanceof Expr) || isScalar(a)) return a
  return axes === undefined ? reduction(op, a) : reduceAxes(owner, op, a, axes)
}

const reduceAxes = (owner: string, op: AxisReduction['op'], x: Expr, axes: readonly number[]): Expr => {
  const shape = shapeOf(x)
  const isAxis = (axis: unknown) => Number.isInteger(axis) && (axis as number) >= 0 && (axis as number) < shape.length
  if (!Array.isArray(axes) || !axes.every(isAxis)) {
    const wanted = shape.length === 0 ? 'none' : `whole numbers from 0 to ${shape.length - 1}`
    throw new InvalidOption(`${owner}: axes of shape ${show(shape)} must be a list of ${wanted}, got ${show(axes)}`)
  }
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  const node = make(Op.Reduce, widened(x.kind), kept, sizeOf(kept), x, null, null)
  node.detail = { method: reducingAxes, op, axes: [...axes] }
  return node
}

/**
 * The sum of all squares; the products are float64.
 *
 * @example
 * read(sumSquares(new Float32Array([3, 4]))) // => 25
 */
export const sumSquares = (x: Operand): Value => {
  const a = lift(x)
  return typeof a === 'number' || isScalar(a) ? mul(a, a) : reduction(Op.SumSquares, a)
}

/**
 * The sum of all products aᵢ bᵢ; the products are float64.
 *
 * @example
 * read(dot(new Float32Array([1, 2]), new Float32Array([3, 4]))) // => 11
 *
 * @throws InvalidTree for different shapes, and for an array with a number.
 */
export const dot = (a: Operand, b: Operand): Value => {
  const x = lift(a)
  const y = lift(b)
  if (isScalar(x) && isScalar(y)) return mul(x, y)
  if (!(x instanceof Expr) || !(y instanceof Expr) || isScalar(x) || isScalar(y)) {
    throw new InvalidTree('dot: both operands must be arrays, or both numbers')
  }
  shared('dot', x, y)
  return reduction(Op.Dot, x, y)
}

/**
 * The mean of all elements; along some axes, which stay with length 1. NaN of no elements.
 *
 * @example
 * const matrix = ndarray([1, 2, 3, 4, 5, 6], [2, 3])
 * read(mean(matrix)) // => 3.5
 * force(mean(matrix, [1])) // => { dtype: 'float32', shape: [2, 1], data: Float32Array [2, 5] }
 *
 * @throws InvalidOption for an axis that the shape has not.
 */
export const mean = (x: Operand, axes?: readonly number[]): Value => {
  const a = lift(x)
  if (!(a instanceof Expr) || isScalar(a)) return a
  const total = reduced('mean', Op.Sum, a, axes)
  const shape = shapeOf(a)
  const count = axes === undefined ? a.size : sizeOf(shape.filter((_, axis) => axes.includes(axis)))
  return div(total, count)
}

/**
 * √Σx²: the Euclidean norm of all elements; along some axes, which stay with length 1.
 *
 * It is right wherever it can be written as a float64: where the squares of float64 numbers overflow or vanish, they are taken
 * of the numbers times a power of two.
 *
 * @example
 * read(norm(new Float32Array([3, 4]))) // => 5
 * read(norm(new Float64Array([3e180, 4e180]))) // => 5e+180
 * force(norm(ndarray([3, 0, 4, 2], [2, 2]), [0])) // => { dtype: 'float32', shape: [1, 2], data: Float32Array [5, 2] }
 *
 * @throws InvalidOption for an axis that the shape has not.
 */
export const norm = (x: Operand, axes?: readonly number[]): Value => {
  const a = lift(x)
  if (axes === undefined || !(a instanceof Expr) || isScalar(a)) return rootOf(a, sumSquares)
  const squares = (y: Value): Value => reduced('norm', Op.Sum, mul(y, y), axes)
  if (isWide(a)) return rootOf(a, squares, (scale) => broadcast(scale, shapeOf(a)))
  return cast(sqrt(squares(cast(a, 'float64'))), 'float32')
}

/**
 * √(Σx² / n): the root mean square of all n elements, computed like {@link norm}. NaN of no elements.
 *
 * @example
 * read(rms(new Float32Array([1, -7]))) // => 5
 */
export const rms = (x: Operand): Value => {
  const a = lift(x)
  return rootOf(a, (y) => div(sumSquares(y), typeof a === 'number' ? 1 : a.size))
}

/** The root of what `squares` gives for x, scaled where the squares of float64 numbers might overflow or vanish. */
const rootOf = (x: Value, squares: (x: Value) => Value, placed: (scale: Value) => Value = (scale) => scale): Value => {
  const total = squares(x)
  if (!needsScale(x, total)) return sqrt(total)
  const scale = scaleFor(total)
  return div(sqrt(squares(mul(x, placed(scale)))), scale)
}
