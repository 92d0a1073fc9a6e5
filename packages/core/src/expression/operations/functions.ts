import { errorFunction } from '../errorFunction.js'
import type { Operand } from '../expr.js'
import { called } from '../methods/called.js'
import { Op } from '../op.js'
import { binary, unary, type Value } from './value.js'

/**
 * The largest whole number ≤ x, elementwise.
 *
 * @example
 * force(floor(new Float32Array([1.5, -1.5]))) // => Float32Array [1, -2]
 */
export const floor = (x: Operand): Value => unary(Op.Floor, x)

/**
 * eˣ, elementwise; computed in float64 and rounded, as are all the functions below.
 *
 * @example
 * force(exp(new Float32Array([0, -Infinity]))) // => Float32Array [1, 0]
 */
export const exp = (x: Operand): Value => unary(called(Op.Exp, Math.exp), x)

/**
 * The natural logarithm, elementwise.
 *
 * @example
 * force(log(new Float32Array([1, 0, -1]))) // => Float32Array [0, -Infinity, NaN]
 */
export const log = (x: Operand): Value => unary(called(Op.Log, Math.log), x)

/**
 * log(1 + x) without the loss near 0, elementwise.
 *
 * @example
 * log1p(1e-20) // => 1e-20
 */
export const log1p = (x: Operand): Value => unary(called(Op.Log1p, Math.log1p), x)

/**
 * The hyperbolic tangent, elementwise.
 *
 * @example
 * force(tanh(new Float32Array([0, 100]))) // => Float32Array [0, 1]
 */
export const tanh = (x: Operand): Value => unary(called(Op.Tanh, Math.tanh), x)

/**
 * The sine, elementwise, of an angle in radians.
 *
 * @example
 * force(sin(new Float64Array([0, Math.PI / 2]))) // => Float64Array [0, 1]
 */
export const sin = (x: Operand): Value => unary(called(Op.Sin, Math.sin), x)

/**
 * The cosine, elementwise, of an angle in radians.
 *
 * @example
 * force(cos(new Float64Array([0, Math.PI]))) // => Float64Array [1, -1]
 */
export const cos = (x: Operand): Value => unary(called(Op.Cos, Math.cos), x)

/**
 * The error function 2/√π ∫₀ˣ e^(−t²) dt, elementwise.
 *
 * @example
 * force(erf(new Float32Array([0, 0.5, 10]))) // => Float32Array [0, 0.5204998850822449, 1]
 */
export const erf = (x: Operand): Value => unary(called(Op.Erf, errorFunction), x)

/**
 * The angle in radians, from −π to π, of the point whose second coordinate is y and whose first is x, elementwise.
 *
 * It is that of y / x where x > 0, also where the quotient overflows, and 0 where both are 0 and positive.
 *
 * @example
 * force(atan2(new Float64Array([1, 0, 2]), new Float64Array([1, 0, 0]))) // => Float64Array [0.785…, 0, 1.570…]
 *
 * @throws InvalidOption for what is no operand; InvalidTree for arrays of different shapes.
 */
export const atan2 = (y: Operand, x: Operand): Value => binary('atan2', called(Op.Atan2, Math.atan2), y, x)
