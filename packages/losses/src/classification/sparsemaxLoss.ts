import { add, greaterEqual, lessEqual, mul, neg, type Operand, square, type Value, where } from '@gradchain/core'
import { checkFit, lifted } from '../internal/operands.js'

/**
 * The loss of yes-or-no questions whose probabilities may be exactly 0 and 1, elementwise, out of logits.
 *
 * For z = −x where the label is not 0, and z = x where it is:
 *
 *     ℓ = 0              where z ≤ −1
 *     ℓ = ¼ (z + 1)²     between
 *     ℓ = z              where z ≥ 1
 *
 * Laws: ≥ 0; 0 beyond a margin of 1; that of −x and 1 − y is the same.
 *
 * @param logits - x, an array, a number or an expression.
 * @param labels - y, of the same shape: 0 and 1.
 *
 * @example
 * force(sparsemaxLoss(new Float32Array([0, 2, 2]), new Float32Array([1, 1, 0]))) // => Float32Array [0.25, 0, 2]
 *
 * @throws InvalidTree for arrays of different shapes: nothing is broadcast.
 * @see Martins and Astudillo (2016), {@link https://arxiv.org/abs/1602.02068}
 */
export const sparsemaxLoss = (logits: Operand, labels: Operand): Value => {
  checkFit('sparsemaxLoss', { logits, labels })
  const x = lifted(logits)
  const z = where(labels, neg(x), x)
  return where(lessEqual(z, -1), 0, where(greaterEqual(z, 1), z, mul(0.25, square(add(z, 1)))))
}
