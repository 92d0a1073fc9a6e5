import { add, mul, type Operand, pow, type Value } from '@gradchain/core'

/**
 * One step of the exponential moving average of a power of the gradient: the moment m that Adam and its kin keep.
 *
 * Elementwise, for the gradient g, the decay β and the order k:
 *
 *     m′ = (1 − β) gᵏ + β m
 *
 * For one array, lazily, like `add` and `mul`: map it over trees. For real numbers, the only ones here, Optax's
 * `update_moment_per_elem_norm` is the same function.
 *
 * Laws: linear in m; linear in g when k = 1; m′ = gᵏ when β = 0.
 *
 * @param decay - the decay rate β, in `[0, 1)`; nothing is checked here, but where a transformation takes its options.
 * @param order - the order k: 1 for the mean, 2 for the mean square.
 *
 * @example
 * force(updateMoment(new Float32Array([2, 4]), new Float32Array([8, 0]), 0.75, 1)) // => Float32Array [6.5, 1]
 * updateMoment(4, 2, 0.5, 2) // => 9
 *
 * @see biasCorrection
 */
export const updateMoment = (gradient: Operand, moment: Operand, decay: number, order: number): Value =>
  add(mul(1 - decay, pow(gradient, order)), mul(decay, moment))
