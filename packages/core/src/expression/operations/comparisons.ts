import { Kind, promote, widened } from '../../array/dtype.js'
import { compute } from '../compute.js'
import { Expr, type Operand } from '../expr.js'
import { Op } from '../op.js'
import { make } from '../tape.js'
import { abs, sub } from './arithmetic.js'
import { castTo } from './arrays.js'
import { floor } from './functions.js'
import { binary, kindOfValue, lift, shared, type Value } from './value.js'

/**
 * 1 where a < b, else 0.
 *
 * @example
 * force(less(new Float32Array([1, 2, 3]), 2)) // => Float32Array [1, 0, 0]
 */
export const less = (a: Operand, b: Operand): Value => binary('less', Op.Less, a, b)

/**
 * 1 where a ≤ b, else 0.
 *
 * @example
 * force(lessEqual(new Float32Array([1, 2, 3]), 2)) // => Float32Array [1, 1, 0]
 */
export const lessEqual = (a: Operand, b: Operand): Value => binary('lessEqual', Op.LessEqual, a, b)

/**
 * 1 where a > b, else 0.
 *
 * @example
 * force(greater(new Float32Array([1, 2, 3]), 2)) // => Float32Array [0, 0, 1]
 */
export const greater = (a: Operand, b: Operand): Value => binary('greater', Op.Less, b, a)

/**
 * 1 where a ≥ b, else 0.
 *
 * @example
 * force(greaterEqual(new Float32Array([1, 2, 3]), 2)) // => Float32Array [0, 1, 1]
 */
export const greaterEqual = (a: Operand, b: Operand): Value => binary('greaterEqual', Op.LessEqual, b, a)

/**
 * 1 where a = b, else 0; NaN equals nothing, −0 equals +0.
 *
 * @example
 * force(equal(new Float32Array([1, -0, NaN]), new Float32Array([2, 0, NaN]))) // => Float32Array [0, 1, 0]
 */
export const equal = (a: Operand, b: Operand): Value => binary('equal', Op.Equal, a, b)

/**
 * 1 where a ≠ b, else 0.
 *
 * @example
 * force(notEqual(new Float32Array([1, 2, NaN]), 2)) // => Float32Array [1, 0, 1]
 */
export const notEqual = (a: Operand, b: Operand): Value => sub(1, equal(a, b))

/**
 * 1 where x is neither NaN nor infinite, else 0.
 *
 * @example
 * force(isFinite(new Float32Array([1, NaN, -Infinity]))) // => Float32Array [1, 0, 0]
 */
export const isFinite = (x: Operand): Value => less(abs(x), Infinity)

/**
 * −1, 0 or 1, elementwise; ±0 and NaN stay what they are.
 *
 * @example
 * force(sign(new Float32Array([5, -0.1, 0]))) // => Float32Array [1, -1, 0]
 */
export const sign = (x: Operand): Value => {
  const a = lift(x)
  // What is left is ±0 or NaN, and constant: the slope is 0 there as everywhere.
  return where(less(0, a), 1, where(less(a, 0), -1, floor(a)))
}

/**
 * x where the condition is not 0, else y; elementwise. What is not taken does not matter, be it NaN.
 *
 * @example
 * const x = new Float32Array([4, -1])
 * force(where(less(x, 0), 0, sqrt(x))) // => Float32Array [2, 0]
 */
export const where = (condition: Operand | boolean, x: Operand, y: Operand): Value => {
  const c = typeof condition === 'boolean' ? Number(condition) : lift(condition)
  const a = lift(x)
  const b = lift(y)
  const arrays = [c, a, b].filter((v): v is Expr => v instanceof Expr && v.kind !== Kind.Scalar)
  const first = arrays[0]
  if (first === undefined) {
    if (typeof c === 'number' && typeof a === 'number' && typeof b === 'number') return compute(Op.Where, c, a, b)
    return make(Op.Where, Kind.Scalar, null, 1, c, a, b)
  }
  for (const array of arrays) shared('where', first, array)
  // As everywhere, a bare vector wins.
  const shape = arrays.some(({ form }) => form === null) ? null : first.form
  const kindAb = promote(kindOfValue(a), kindOfValue(b))
  const kind = kindAb === Kind.Scalar ? widened(kindOfValue(c)) : kindAb
  return make(Op.Where, kind, shape, first.extent, truth(c, kind), a, b)
}

// A condition of another dtype, or a scalar, is first made 1 or 0: in the dtype of the result it might be 0.
const truth = (c: Value, kind: Kind): Value => {
  if (typeof c === 'number') return c === 0 ? 0 : 1
  if (c.kind === kind) return c
  const isZeroOrOne = c.op >= Op.Less && c.op <= Op.Equal
  return castTo(kind, isZeroOrOne ? c : notEqual(c, 0))
}
