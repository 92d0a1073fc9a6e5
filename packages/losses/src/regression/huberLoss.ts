import { check, max, min, mul, type Operand, positive, sub, type Value, withDefaults } from '@gradchain/core'
import { checkFit } from '../internal/operands.js'

/** Options of {@link huberLoss}. */
export interface HuberLossOptions {
  /** Size δ of an error beyond which the loss grows linearly, finite and > 0. @defaultValue `1` */
  readonly delta?: number
}

/**
 * Quadratic for small errors and linear for large ones, elementwise: what lies far out does not outweigh the rest.
 *
 * For the error e = p − t:
 *
 *     ℓ = ½ e²              where |e| ≤ δ
 *     ℓ = δ (|e| − ½ δ)     beyond
 *
 * Without targets the predictions are the errors. PyTorch's `SmoothL1Loss` with β is this with δ = β, divided by β.
 *
 * Laws: ≥ 0; even in e; that of δ = ∞ is {@link l2Loss}; the gradient by p is e clipped to ±δ.
 *
 * @param predictions - p, an array, a number or an expression.
 * @param targets - t, of the same shape.
 *
 * @example
 * force(huberLoss(new Float32Array([0.5, 1, -3]), 0)) // => Float32Array [0.125, 0.5, 2.5]
 * grad((p: Operand) => sum(huberLoss(p, 0, { delta: 2 })))(new Float32Array([0.5, 2, -3])) // => Float32Array [0.5, 2, -2]
 *
 * @throws InvalidTree for arrays of different shapes, InvalidOption when delta is not a finite number > 0.
 * @see Huber (1964), Robust estimation of a location parameter
 */
export const huberLoss = (predictions: Operand, targets: Operand = 0, options: HuberLossOptions = {}): Value => {
  const { delta } = withDefaults('huberLoss', options, { delta: 1 })
  check('huberLoss', { delta }, positive)
  checkFit('huberLoss', { predictions, targets })
  const error = sub(predictions, targets)
  const clipped = max(-delta, min(error, delta))
  return mul(clipped, sub(error, mul(0.5, clipped)))
}
