import { add, exp, greater, log1p, mul, neg, type Operand, sub, type Value, where } from '@gradchain/core'
import { checkFit } from '../internal/operands.js'

/**
 * The logarithm of the hyperbolic cosine of an error, elementwise: like half the square near 0, like the size far out, and
 * smooth everywhere.
 *
 * For the error e = p − t:
 *
 *     ℓ = log cosh e = |e| + log(1 + e^(−2|e|)) − log 2
 *
 * Without targets the predictions are the errors.
 *
 * Laws: ≥ 0, up to rounding; even in e; the gradient by p is tanh e; it does not overflow.
 *
 * @param predictions - p, an array, a number or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * force(logCosh(new Float64Array([0, 1, -1000]))) // => Float64Array [0, 0.433…, 999.306…]
 *
 * @throws InvalidTree for arrays of different shapes: nothing is broadcast.
 */
export const logCosh = (predictions: Operand, targets: Operand = 0): Value => {
  checkFit('logCosh', { predictions, targets })
  const error = sub(predictions, targets)
  // −|e|, but with a slope at 0, where the branches are one smooth function: all derivatives are right there.
  const below = where(greater(error, 0), neg(error), error)
  return sub(add(neg(below), log1p(exp(mul(2, below)))), Math.LN2)
}
