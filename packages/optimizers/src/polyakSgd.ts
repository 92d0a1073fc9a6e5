import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByPolyakExtra,
  type ScaleByPolyakOptions,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByPolyak
} from '@gradchain/transforms'

/** Options of {@link polyakSgd}: those of `scaleByPolyak`, and a factor. */
export interface PolyakSgdOptions extends ScaleByPolyakOptions {
  /** Factor s of the gradient before its norm is taken, finite and ≥ 0, or a schedule. @defaultValue `1` */
  readonly scaling?: ScalarOrSchedule
}

/** State of {@link polyakSgd}. */
export type PolyakSgdState = readonly [ScaleByScheduleState, EmptyState]

/**
 * Gradient descent with Polyak's step size, which the value of the loss tells: `update` takes it as `{ value }`.
 *
 *     chain(scaleByLearningRate(scaling), scaleByPolyak({ fMin, maxLearningRate, eps, variant }))
 *
 * For the gradient g, all leaves together, the loss f at the params, γ = maxLearningRate and the factor s, at step t = 1, 2, …:
 *
 *     h = s(t − 1) g
 *     u = −min((f − f*) / (‖h‖² + eps), γ) · h           ‖h‖² = Σh², over all elements of all leaves
 *     u = 0                                              where ‖h‖² + eps ≤ 2⁻⁵²
 *
 * Since h is scaled before its norm is taken, s = 2 halves a step that γ does not bound.
 *
 * Laws: odd in the gradient; a tree and its flattened vector agree; on |x|, with f* = 0 and γ large enough, the first step is to
 * the minimum; a scaling that is a number is its constant schedule.
 *
 * @example
 * const tx = polyakSgd({ maxLearningRate: 8 })
 * const params = { x: 3 }
 * // f = |x|
 * step(tx, { x: 1 }, tx.init(params), params, { value: 3 })[0] // => { x: 0 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Loizou et al. (2021), Stochastic Polyak Step-size for SGD: An Adaptive Learning Rate for Fast Convergence, equation 3,
 * {@link https://arxiv.org/abs/2002.10542}
 */
export const polyakSgd = (
  options: PolyakSgdOptions = {}
): GradientTransformation<PolyakSgdState, ScaleByPolyakExtra> => {
  const { scaling, ...rest } = withDefaults<Required<PolyakSgdOptions>>('polyakSgd', options, {
    fMin: 0,
    maxLearningRate: 1,
    eps: 0,
    variant: 'sps',
    scaling: 1
  })

  return withOrigin(['polyakSgd', { ...options }], chain(scaleByLearningRate(scaling), scaleByPolyak(rest)))
}
