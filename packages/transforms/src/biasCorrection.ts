import { div, type Operand, type Value } from '@gradchain/core'

/**
 * A moving average that began at zero, made up for that: divided by the sum of the weights it has given so far.
 *
 * Elementwise, for the average m after t updates with the decay β:
 *
 *     m̂ = m / (1 − βᵗ)
 *
 * For one array, lazily, like `div`: map it over trees. The divisor is a float64 number, rounded once where it meets the
 * array, so that a β near 1 and arrays of low precision do not divide by 0.
 *
 * Laws: of equal gradients, m̂ is that gradient; nothing changes when β = 0, nor in the limit of many updates.
 *
 * @param decay - the decay rate β, in `[0, 1)`.
 * @param count - the number t of updates that the average has seen, a whole number ≥ 1.
 *
 * @example
 * biasCorrection(updateMoment(7, 0, 0.75, 1), 0.75, 1) // => 7
 *
 * @see Kingma and Ba (2014), section 3, {@link https://arxiv.org/abs/1412.6980}
 * @see updateMoment
 */
export const biasCorrection = (moment: Operand, decay: number, count: number): Value => div(moment, 1 - decay ** count)
