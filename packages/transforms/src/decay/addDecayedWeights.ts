import {
  add,
  check,
  finite,
  type GradientTransformation,
  type Leaf,
  mul,
  orSchedule,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { checkMask, expandMask } from '../internal/expandMask.js'
import { valueAt } from '../internal/valueAt.js'
import type { Mask } from '../selection/mask.js'

/** Options of {@link addDecayedWeights}. */
export interface AddDecayedWeightsOptions<P = Tree<Leaf>, M = never> {
  /** Which leaves decay; where it is `false` the update passes through. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link addDecayedWeights}. */
export interface AddDecayedWeightsState {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
}

/**
 * Adds to each update a share of the param itself: weight decay, decoupled when it stands after the preconditioner.
 *
 * Elementwise, for the update g, the param p, λ = weightDecay, a number or a schedule, and the step t = 0, 1, 2, …:
 *
 *     uₜ = g + λ(t) p          where the mask is true
 *     uₜ = g                   elsewhere, and where λ(t) = 0
 *
 * After it comes the learning rate, whose sign makes the params shrink. The state counts the steps whatever the options. A
 * mask that is a function is given the params, at init and at every update; it must give the same answer each time.
 *
 * Laws: elementwise; affine in g and in p; with λ = 0 it is the identity; a number is its constant schedule; a prefix is
 * the mask it expands to.
 *
 * @param weightDecay - the share λ, any finite number or a schedule; `0` by default.
 *
 * @example
 * const tx = addDecayedWeights(0.5, { mask: { kernel: true, bias: false } })
 * const params = { kernel: new Float32Array([2, 4]), bias: 3 }
 * const grads = { kernel: new Float32Array([1, 1]), bias: 1 }
 * tx.update(grads, tx.init(params), params)[0] // => { kernel: Float32Array [2, 3], bias: 1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number; InvalidTree at init and update, where the mask does not fit the params.
 * @see Loshchilov and Hutter (2017), algorithm 2, {@link https://arxiv.org/abs/1711.05101}
 */
export const addDecayedWeights = <P = Tree<Leaf>, const M = never>(
  weightDecay: ScalarOrSchedule = 0,
  options: AddDecayedWeightsOptions<P, M> = {}
): GradientTransformation<AddDecayedWeightsState> => {
  const { mask } = withDefaults<{ mask: Mask<P, M> }>('addDecayedWeights', options, { mask: true })
  check('addDecayedWeights', { weightDecay }, orSchedule(finite))
  checkMask('addDecayedWeights', mask)
  const schedule = asSchedule(weightDecay)

  return transformation<AddDecayedWeightsState>({
    origin: ['addDecayedWeights', weightDecay, { ...options }],
    init: (params) => {
      // Only to have a mask that does not fit refused before the first update.
      expandMask('addDecayedWeights', mask, params)
      return { count: 0 }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const share = valueAt('addDecayedWeights', schedule, state.count)
      if (share === 0) return [updates, { count }]
      const decays = expandMask('addDecayedWeights', mask, params)
      const decayed = tree.map((g, p, isOn) => (isOn ? add(g, mul(share, p)) : g), updates, params, decays)
      return [decayed, { count }]
    }
  })
}
