import {
  add,
  check,
  finite,
  type GradientTransformation,
  greaterEqual,
  type Leaf,
  mul,
  orSchedule,
  sign,
  type Tree,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { checkMask, expandMask } from '../internal/expandMask.js'
import { valueAt } from '../internal/valueAt.js'
import type { Mask } from '../selection/mask.js'
import type { AddDecayedWeightsState } from './addDecayedWeights.js'

/** Options of {@link addCautiousDecayedWeights}. */
export interface AddCautiousDecayedWeightsOptions<P = Tree<Leaf>, M = never> {
  /** Which leaves decay; where it is `false` the update passes through. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/**
 * Adds to each update a share of the param itself where the update does not oppose it: cautious weight decay, which does not pull
 * params away from where the loss wants them.
 *
 * Elementwise, for the update g, the param p, λ = weightDecay, a number or a schedule, and the step t = 0, 1, 2, …:
 *
 *     uₜ = g + λ(t) p          where g p ≥ 0 and the mask is true
 *     uₜ = g                   elsewhere
 *
 * It stands where {@link addDecayedWeights} stands: after the preconditioner, before the learning rate, whose sign makes the params
 * shrink.
 *
 * Laws: elementwise; odd in updates and params together; |u| ≥ |g| for λ ≥ 0; with λ = 0 it is the identity; a number is its constant
 * schedule.
 *
 * @param weightDecay - the share λ, any finite number or a schedule; `0` by default.
 *
 * @example
 * const tx = addCautiousDecayedWeights(0.5)
 * const params = { w: [2, 4, 6] }
 * tx.update({ w: [1, -1, 0] }, tx.init(params), params)[0] // => { w: [2, -1, 3] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number; InvalidTree at init and update, where the mask does not fit the params.
 * @see Chen et al. (2025), Cautious Weight Decay, algorithm 1, {@link https://arxiv.org/abs/2510.12402}
 * @see cautious
 */
export const addCautiousDecayedWeights = <P = Tree<Leaf>, const M = never>(
  weightDecay: ScalarOrSchedule = 0,
  options: AddCautiousDecayedWeightsOptions<P, M> = {}
): GradientTransformation<AddDecayedWeightsState> => {
  const { mask } = withDefaults<{ mask: Mask<P, M> }>('addCautiousDecayedWeights', options, { mask: true })
  check('addCautiousDecayedWeights', { weightDecay }, orSchedule(finite))
  checkMask('addCautiousDecayedWeights', mask)
  const schedule = asSchedule(weightDecay)

  return transformation<AddDecayedWeightsState>({
    origin: ['addCautiousDecayedWeights', weightDecay, { ...options }],
    init: (params) => {
      // Only to have a mask that does not fit refused before the first update.
      expandMask('addCautiousDecayedWeights', mask, params)
      return { count: 0 }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const share = valueAt('addCautiousDecayedWeights', schedule, state.count)
      if (share === 0) return [updates, { count }]
      const decays = expandMask('addCautiousDecayedWeights', mask, params)
      const decayed = tree.map(
        (g, p, isOn) => {
          if (!isOn) return g
          // Of signs: a product of what is small would be 0.
          return where(greaterEqual(mul(sign(g), sign(p)), 0), add(g, mul(share, p)), g)
        },
        updates,
        params,
        decays
      )
      return [decayed, { count }]
    }
  })
}
