import { InvalidOption, show } from '../errors.js'
import type { Operand } from '../expression/expr.js'
import { abs, add, lift, max, mul, type Value, wholePower } from '../expression/operations.js'
import { integerPower } from '../numbers/integerPower.js'

/**
 * One step of the exponential moving average of a power of the gradient: the moment m that Adam and its kin keep.
 *
 * Elementwise, for the gradient g, the decay β and the order k:
 *
 *     m′ = (1 − β) gᵏ + β m
 *
 * For one array, lazily, like `add` and `mul`; `tree.updateMoment` is the same for trees.
 *
 * Laws: linear in m; linear in g when k = 1; m′ = gᵏ when β = 0.
 *
 * @param decay - the decay rate β, in `[0, 1)`; nothing is checked here, but where a transformation takes its options.
 * @param order - the order k, a whole number ≥ 1: 1 for the mean, 2 for the mean square.
 *
 * @example
 * force(updateMoment(new Float32Array([2, 4]), new Float32Array([8, 0]), 0.75, 1)) // => Float32Array [6.5, 1]
 * updateMoment(4, 2, 0.5, 2) // => 9
 *
 * @throws InvalidOption for another order: those are for `tree.updateMoment`.
 *
 * @see biasCorrection
 */
export const updateMoment = (gradient: Operand, moment: Operand, decay: number, order: number): Value => {
  if (!Number.isInteger(order) || order < 1) {
    throw new InvalidOption(`updateMoment: order must be a whole number ≥ 1, got ${show(order)}`)
  }
  return add(mul(1 - decay, wholePower(lift(gradient), order)), mul(decay, moment))
}

/**
 * One step of the decaying maximum of gradients: the moment that Adamax keeps.
 *
 * Elementwise, for the gradient g and the decay β:
 *
 *     m′ = max(|g| + eps, β m)
 *
 * For one array, lazily; `tree.updateInfinityMoment` is the same for trees.
 *
 * @param decay - the decay rate β, in `[0, 1)`.
 * @param eps - added to |g|, against division by zero.
 *
 * @example
 * force(updateInfinityMoment(new Float32Array([-2, 1]), new Float32Array([8, 0]), 0.5, 0)) // => Float32Array [4, 1]
 *
 * @see Kingma and Ba (2014), section 7.1, {@link https://arxiv.org/abs/1412.6980}
 */
export const updateInfinityMoment = (gradient: Operand, moment: Operand, decay: number, eps: number): Value =>
  max(add(abs(gradient), eps), mul(decay, moment))

/**
 * A moving average that began at zero, made up for that: divided by the sum of the weights it has given so far.
 *
 * Elementwise, for the average m after t updates with the decay β:
 *
 *     m̂ = m · 1 / (1 − βᵗ)
 *
 * For one array, lazily, like `mul`; `tree.biasCorrection` is the same for trees. The factor is a float64 number, rounded once
 * where it meets the array, so that a β near 1 and arrays of low precision do not divide by 0. It is a factor because
 * processors multiply several times as fast as they divide; m̂ is within one and a half units in the last place.
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
export const biasCorrection = (moment: Operand, decay: number, count: number): Value =>
  mul(moment, correctionOf(decay, count))

// Every leaf of two trees asks for the same two powers in turn: they are computed once for all.
let latest = { decay: 0, count: 1, correction: 1 }
let before = latest

/** 1 / (1 − βᵗ) */
const correctionOf = (decay: number, count: number): number => {
  if (latest.decay === decay && latest.count === count) return latest.correction
  const known = before.decay === decay && before.count === count
  const entry = known ? before : { decay, count, correction: 1 / (1 - integerPower(decay, count)) }
  before = latest
  latest = entry
  return entry.correction
}
