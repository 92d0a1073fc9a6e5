import { sizeOf } from '../../array/ndarray.js'
import { Expr, shapeOf } from '../expr.js'
import { Op } from '../op.js'
import type { Product } from '../product.js'
import { make } from '../tape.js'
import { broadcast, fullLike, reshape, transpose } from './arrays.js'
import { Cotangent } from './cotangent.js'
import { maxOf, sum } from './reductions.js'
import { isScalar, type Value } from './value.js'

/** A product that was done: its result, and its operands as they lie there. */
interface Multiplied {
  readonly y: Expr
  readonly a: Expr
  readonly b: Expr
  readonly product: Product
}

/** The product of two arrays of the same dtype, by the method of another. */
const multiplied = (
  { y, product: { batch, method } }: Multiplied,
  a: Expr,
  transposeA: boolean,
  b: Expr,
  transposeB: boolean
): Expr => {
  const [p, q] = [shapeOf(a), shapeOf(b)]
  const [m, k] = lastTwo(p, transposeA)
  const [, n] = lastTwo(q, transposeB)
  const shape = [...shapeOf(y).slice(0, -2), m, n]
  const node = make(Op.Matmul, y.kind, shape, sizeOf(shape), null, null, null, [a, b])
  const [isOneA, isOneB] = [p.length === 2, q.length === 2]
  node.detail = { batch, m, n, k, isOneA, isOneB, transposeA, transposeB, symmetric: false, method }
  return node
}

const lastTwo = (shape: readonly number[], isTransposed: boolean): readonly [number, number] => {
  const [rows, columns] = shape.slice(-2) as [number, number]
  return isTransposed ? [columns, rows] : [rows, columns]
}

/** Of the cotangents for each matrix of a batch, that of the one matrix that met them all. */
const gathered = (x: Value, operand: Expr, reduce: (x: Value, axes: readonly number[]) => Value): Value => {
  const rank = x instanceof Expr ? shapeOf(x).length : 0
  const front = rank - shapeOf(operand).length
  if (front <= 0) return x
  return reshape(
    reduce(
      x,
      Array.from({ length: front }, (_, axis) => axis)
    ),
    shapeOf(operand)
  )
}

/** A cotangent for an operand; where nothing of a row or a column of the result counts, it is exactly 0. */
const given = (dx: Expr, operand: Expr, axis: -1 | -2, isTransposed: boolean, dy: Cotangent): Cotangent => {
  const { mask } = dy
  const found = new Cotangent(gathered(dx, operand, sum))
  if (mask === null) return found
  if (isScalar(mask)) return found.where(mask)
  const array = mask as Expr
  const any = maxOf(array, [shapeOf(array).length + axis])
  const placed = broadcast(isTransposed ? transpose(any) : any, shapeOf(dx))
  return found.where(gathered(placed, operand, maxOf))
}

const fullOf = (dy: Cotangent, y: Expr): Expr => (isScalar(dy.value) ? fullLike(y, dy.value) : dy.value) as Expr

/** The cotangent of the first operand: dC bᵀ, or b dCᵀ where a lies there transposed. */
export const firstOfProduct = (dy: Cotangent, done: Multiplied): Cotangent => {
  const { y, a, b, product } = done
  const { transposeA, transposeB } = product
  const dc = fullOf(dy, y)
  const da = transposeA ? multiplied(done, b, transposeB, dc, true) : multiplied(done, dc, false, b, !transposeB)
  return given(da, a, -1, transposeA, dy.counted())
}

/** The cotangent of the second operand: aᵀ dC, or dCᵀ a where b lies there transposed. */
export const secondOfProduct = (dy: Cotangent, done: Multiplied): Cotangent => {
  const { y, a, b, product } = done
  const { transposeA, transposeB } = product
  const dc = fullOf(dy, y)
  const db = transposeB ? multiplied(done, dc, true, a, transposeA) : multiplied(done, a, !transposeA, dc, false)
  return given(db, b, -2, transposeB, dy.counted())
}
