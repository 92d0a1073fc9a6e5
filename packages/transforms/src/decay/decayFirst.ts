import {
  type AnyGradientTransformation,
  castLike,
  check,
  definitionOf,
  type ExtraOf,
  finite,
  type GradientTransformation,
  type Leaf,
  mul,
  orSchedule,
  type StateOf,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { checkMask, expandMask } from '../internal/expandMask.js'
import { valueAt } from '../internal/valueAt.js'
import type { Mask } from '../selection/mask.js'

/** Options of {@link decayFirst}. */
export interface DecayFirstOptions<P = Tree<Leaf>, M = never> {
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link decayFirst}. */
export interface DecayFirstState<Inner> {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
  /** State of the inner transformation, which saw params that had decayed. */
  readonly innerState: Inner
}

/**
 * Takes a share off the params before another transformation sees them: weight decay as PyTorch's optimizers do it, first of all.
 *
 * For the params p at step t = 0, 1, 2, …, with r = decay, where the mask is true:
 *
 *     p' = p − r(t) p
 *     u  = inner(g, p') − r(t) p
 *
 * It makes a difference where `inner` looks at the params, as a trust ratio does; elsewhere {@link addDecayedWeights} in front of the
 * learning rate does the same. The share is what is taken off, learning rate included: `mulSchedules(0.01, learningRate)`.
 *
 * Laws: with r = 0 it is `inner`; around what does not look at the params it is `inner` and a step of −r p; a number is its constant
 * schedule.
 *
 * @param inner - what is given the params that have decayed.
 * @param decay - the share r, any finite number or a schedule.
 *
 * @example
 * const tx = decayFirst(scaleByTrustRatio(), 0.5)
 * const params = { w: [8] }
 * // A step as long as the 4 that are left.
 * tx.update({ w: [1] }, tx.init(params), params)[0] // => { w: [0] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no number;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Loshchilov and Hutter (2017), algorithm 2, {@link https://arxiv.org/abs/1711.05101}
 */
export const decayFirst = <T extends AnyGradientTransformation, P = Tree<Leaf>, const M = never>(
  inner: T,
  decay: ScalarOrSchedule,
  options: DecayFirstOptions<P, M> = {}
): GradientTransformation<DecayFirstState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('decayFirst', inner)
  const { mask } = withDefaults<{ mask: Mask<P, M> }>('decayFirst', options, { mask: true })
  check('decayFirst', { decay }, orSchedule(finite))
  checkMask('decayFirst', mask)
  const schedule = asSchedule(decay)

  return transformation<DecayFirstState<StateOf<T>>, ExtraOf<T>>({
    origin: ['decayFirst', inner, decay, { ...options }],
    init: (params) => {
      // Only to have a mask that does not fit refused before the first update.
      expandMask('decayFirst', mask, params)
      return { count: 0, innerState: init(params) }
    },
    update: (updates, { count, innerState }, params, extra) => {
      const share = valueAt('decayFirst', schedule, count)
      const shares = tree.map((isOn) => (isOn ? share : 0), expandMask('decayFirst', mask, params))
      const decayed = tree.map((p, r) => (r === 0 ? p : castLike(sub(p, mul(r, p)), p)), params, shares)
      const [steps, next] = update(updates, innerState, decayed, extra)
      const all = tree.map((w, p, r) => (r === 0 ? w : sub(w, mul(r, p))), steps, params, shares)
      return [all, { count: count + 1, innerState: next }]
    }
  })
}
