import { boolean, check, type Operand, reshape, shapeOf, type Value, withDefaults } from '@gradchain/core'
import { checkOverlap, diceOf, type Overlap, pairOf, spatialAxes } from '../internal/dice.js'
import { arrayOf, checkFit } from '../internal/operands.js'

/** Options of {@link binaryDiceLoss}. */
export interface BinaryDiceLossOptions {
  /** What is added above and below the line, so that nothing found of nothing is right, finite and ≥ 0. @defaultValue `1` */
  readonly smooth?: number | undefined
  /** Whether the predictions are logits, of which the logistic function is taken. Else they must be probabilities. @defaultValue `true` */
  readonly applySigmoid?: boolean | undefined
}

/**
 * {@link diceLoss} of one region: how little what was found overlaps with what is there.
 *
 *     ℓ = 1 − (Σ p t + s) / (½ Σ p + ½ Σ t + s)          p = σ(x), s = smooth
 *
 * One loss for each example. All axes but the first are those of space; a last one of length 1 may be there for the one class.
 *
 * Laws: in [0, 1]; 0 of what is found exactly.
 *
 * @param predictions - logits x, or p, an array or an expression of shape [batch, …].
 * @param targets - t, of the same shape.
 *
 * @example
 * const found = ndarray([1, 0.5, 0, 0], [1, 4])
 * const there = ndarray([1, 1, 0, 0], [1, 4])
 * force(binaryDiceLoss(found, there, { applySigmoid: false, smooth: 0 })) // => Float32Array [0.142…]
 *
 * @throws InvalidTree for arrays of different shapes; InvalidOption when an option is outside its range, and for predictions that are
 * no probabilities where they must be.
 * @see diceLoss
 */
export const binaryDiceLoss = (predictions: Operand, targets: Operand, options: BinaryDiceLossOptions = {}): Value => {
  const owner = 'binaryDiceLoss'
  const { smooth, applySigmoid } = withDefaults(owner, options, { smooth: 1, applySigmoid: true })
  check(owner, { applySigmoid }, boolean)
  const overlap: Overlap = {
    smooth,
    applySoftmax: applySigmoid,
    alpha: 0.5,
    beta: 0.5,
    reduction: 'mean',
    ignoreBackground: false
  }
  checkOverlap(owner, overlap)
  const given = arrayOf(owner, 'predictions', predictions)
  const shape = shapeOf(given)
  const hasNoClass = shape.length === shapeOf(targets).length && shape.at(-1) !== 1
  if (hasNoClass) checkFit(owner, { predictions, targets })
  const withClass = (x: Operand): Operand => (hasNoClass ? reshape(x, [...shape, 1]) : x)
  const [found, there] = pairOf(owner, withClass(predictions), withClass(targets))
  return diceOf(owner, found, there, spatialAxes(shapeOf(found)), null, overlap)
}
