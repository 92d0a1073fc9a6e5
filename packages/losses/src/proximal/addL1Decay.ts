import {
  add,
  check,
  type GradientTransformation,
  mul,
  nonNegative,
  orSchedule,
  sign,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { strengthAt } from '../internal/strengthAt.js'

/** State of {@link addL1Decay}. */
export interface AddL1DecayState {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
}

/**
 * Adds to each update the sign of the param, times a strength: every param decays by the same length, whatever its own.
 *
 * Elementwise, for the update g, the param p and λ = strength, a number or a schedule, at step t = 0, 1, 2, …:
 *
 *     uₜ = g + λ(t) sign(p)
 *
 * After it comes the learning rate, whose sign makes the params shrink. It is the gradient of {@link l1Penalty}, beside whatever was made of
 * that of the loss; near 0 params go back and forth, which {@link proximalL1} does not. To have some leaves decay alone, wrap it in
 * {@link masked}.
 *
 * Laws: elementwise; odd in g and p together; with λ = 0 it is the identity, bit for bit; a number is its constant schedule.
 *
 * @param strength - λ, finite and ≥ 0, or a schedule.
 *
 * @example
 * const tx = addL1Decay(0.5)
 * const params = { w: new Float32Array([2, -4]), b: 0 }
 * tx.update({ w: new Float32Array([1, 1]), b: 1 }, tx.init(params), params)[0] // => { w: Float32Array [1.5, 0.5], b: 1 }
 *
 * @throws InvalidOption at construction, when the strength is out of range; at update, when what the schedule gives is.
 * @see addDecayedWeights
 */
export const addL1Decay = (strength: ScalarOrSchedule): GradientTransformation<AddL1DecayState> => {
  check('addL1Decay', { strength }, orSchedule(nonNegative))
  const schedule = asSchedule(strength)
  return transformation<AddL1DecayState>({
    origin: ['addL1Decay', strength],
    init: () => ({ count: 0 }),
    update: (updates, { count }, params) => {
      const share = strengthAt('addL1Decay', 'strength', schedule, count)
      const decayed = share === 0 ? updates : tree.map((g, p) => add(g, mul(share, sign(p))), updates, params)
      return [decayed, { count: count + 1 }]
    }
  })
}
