import type { Operand } from '../expr.js'
import { called } from '../methods/called.js'
import { Op } from '../op.js'
import { fullLike } from './arrays.js'
import { binary, lift, unary, type Value } from './value.js'

/**
 * a + b, elementwise.
 *
 * @example
 * force(add(new Float32Array([1, 2]), 0.5)) // => Float32Array [1.5, 2.5]
 */
export const add = (a: Operand, b: Operand): Value => binary('add', Op.Add, a, b)

/**
 * a − b, elementwise.
 *
 * @example
 * force(sub(1, new Float32Array([1, 2]))) // => Float32Array [0, -1]
 */
export const sub = (a: Operand, b: Operand): Value => binary('sub', Op.Sub, a, b)

/**
 * a × b, elementwise.
 *
 * @example
 * force(mul(new Float32Array([1, 2]), new Float32Array([3, 4]))) // => Float32Array [3, 8]
 */
export const mul = (a: Operand, b: Operand): Value => binary('mul', Op.Mul, a, b)

/**
 * a ÷ b, elementwise.
 *
 * @example
 * force(div(new Float32Array([1, -1]), 0)) // => Float32Array [Infinity, -Infinity]
 */
export const div = (a: Operand, b: Operand): Value => binary('div', Op.Div, a, b)

/**
 * The smaller of a and b, elementwise; NaN when either is, and −0 is below +0.
 *
 * @example
 * force(min(new Float32Array([1, 5, NaN]), 3)) // => Float32Array [1, 3, NaN]
 */
export const min = (a: Operand, b: Operand): Value => binary('min', Op.Min, a, b)

/**
 * The larger of a and b, elementwise; NaN when either is, and −0 is below +0.
 *
 * @example
 * force(max(new Float32Array([1, 5, NaN]), 3)) // => Float32Array [3, 5, NaN]
 */
export const max = (a: Operand, b: Operand): Value => binary('max', Op.Max, a, b)

/**
 * −x, elementwise.
 *
 * @example
 * force(neg(new Float32Array([1, -2]))) // => Float32Array [-1, 2]
 */
export const neg = (x: Operand): Value => unary(Op.Neg, x)

/**
 * |x|, elementwise.
 *
 * @example
 * force(abs(new Float32Array([1, -2]))) // => Float32Array [1, 2]
 */
export const abs = (x: Operand): Value => unary(Op.Abs, x)

/**
 * √x, elementwise.
 *
 * @example
 * force(sqrt(new Float32Array([9, -1]))) // => Float32Array [3, NaN]
 */
export const sqrt = (x: Operand): Value => unary(Op.Sqrt, x)

/**
 * 1 ÷ √x, elementwise, each of the two operations rounded.
 *
 * @example
 * force(rsqrt(new Float32Array([4, 0]))) // => Float32Array [0.5, Infinity]
 */
export const rsqrt = (x: Operand): Value => div(1, sqrt(x))

/**
 * x × x, elementwise.
 *
 * @example
 * force(square(new Float32Array([3, -2]))) // => Float32Array [9, 4]
 */
export const square = (x: Operand): Value => {
  const a = lift(x)
  return mul(a, a)
}

// Beyond this, repeated multiplication is no longer closer than the power function.
const LARGEST_PRODUCT = 64

/**
 * xⁿ, elementwise. A whole number n with |n| ≤ 64 is a product by repeated squaring (its reciprocal when n < 0); any other n
 * is rounded to the dtype of x, and the result is that of the float64 power function, rounded. An array or a lazy scalar may
 * be the exponent too.
 *
 * @example
 * force(pow(new Float32Array([3, -2]), 3)) // => Float32Array [27, -8]
 * force(pow(new Float32Array([4, 9]), -0.5)) // => Float32Array [0.5, 0.3333333432674408]
 * force(pow(2, new Float32Array([3, -1]))) // => Float32Array [8, 0.5]
 *
 * @throws InvalidOption for what is no operand; InvalidTree for arrays of different shapes.
 */
export const pow = (x: Operand, n: Operand): Value => {
  const base = lift(x)
  const exponent = lift(n)
  if (typeof exponent !== 'number' || !Number.isInteger(exponent) || Math.abs(exponent) > LARGEST_PRODUCT) {
    return binary('pow', called(Op.Pow, power), base, exponent)
  }
  if (exponent === 0) return fullLike(base, 1)
  return exponent < 0 ? div(1, wholePower(base, -exponent)) : wholePower(base, exponent)
}

const power = (base: number, exponent: number): number => base ** exponent

/** xⁿ for a whole number n ≥ 1, as a product by repeated squaring. */
export const wholePower = (x: Value, n: number): Value => {
  if (n === 1) return x
  const half = wholePower(x, n >> 1)
  const even = mul(half, half)
  return n % 2 === 0 ? even : mul(even, x)
}
