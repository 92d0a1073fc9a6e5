import {
  add,
  check,
  type GradientTransformation,
  inPositiveUnitInterval,
  mul,
  nonNegative,
  orSchedule,
  type Requirement,
  sub,
  type Tree,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByAccSgd}. */
export interface ScaleByAccSgdOptions {
  /** How many times as long the long steps are, κ, finite and ≥ 1. @defaultValue `1000` */
  readonly kappa?: number
  /** The statistical advantage ξ, finite, ≥ 1 and at most κ; the paper asks for at most √κ. @defaultValue `10` */
  readonly xi?: number
  /** The constant c below 1 of the paper, in `(0, 1]`. @defaultValue `0.7` */
  readonly smallConst?: number
}

/** State of {@link scaleByAccSgd}. */
export interface ScaleByAccSgdState {
  /** How many updates were seen. */
  readonly count: number
  /** The running average w̄ of long steps, shaped like the params. */
  readonly average: Tree
}

/**
 * Short steps, drawn towards the running average of long ones: accelerated SGD, with a gain that noise does not take away as it does from
 * Nesterov's. It emits whole updates, which descend by themselves.
 *
 * Elementwise, for the gradient g and the param p at step t = 0, 1, 2, …, with c = smallConst and γ = c² ξ / κ, from w̄ = p₀:
 *
 *     w̄ ← (1 − γ) w̄ + γ (p − κ α(t) / c g)
 *     u = (c (p − α(t) g) + γ w̄) / (c + γ) − p
 *
 * Laws: elementwise; odd in gradients and params together; a number is its constant schedule.
 *
 * @param learningRate - that of the short steps, a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByAccSgd(0.5, { kappa: 2, xi: 2, smallConst: 1 })
 * tx.update({ w: 4 }, tx.init({ w: 8 }), { w: 8 })[0] // => { w: -3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no number.
 * @see Kidambi et al. (2018), algorithm 3, {@link https://arxiv.org/abs/1803.05591}
 */
export const scaleByAccSgd = (
  learningRate: ScalarOrSchedule,
  options: ScaleByAccSgdOptions = {}
): GradientTransformation<ScaleByAccSgdState> => {
  const { kappa, xi, smallConst } = withDefaults('scaleByAccSgd', options, { kappa: 1000, xi: 10, smallConst: 0.7 })
  check('scaleByAccSgd', { learningRate }, orSchedule(nonNegative))
  check('scaleByAccSgd', { kappa }, fromOneTo(Number.MAX_VALUE))
  check('scaleByAccSgd', { xi }, fromOneTo(kappa))
  check('scaleByAccSgd', { smallConst }, inPositiveUnitInterval)
  const rateAt = asSchedule(learningRate)
  const share = (smallConst * smallConst * xi) / kappa
  const weight = share / (smallConst + share)

  return transformation<ScaleByAccSgdState>({
    origin: ['scaleByAccSgd', learningRate, { ...options }],
    init: (params) => ({ count: 0, average: tree.widen(params) }),
    update: (updates, state, params) => {
      const short = valueAt('scaleByAccSgd', rateAt, state.count)
      const long = (kappa * short) / smallConst
      const average = tree.map(
        (w, p, g) => add(mul(1 - share, w), mul(share, sub(p, mul(long, g)))),
        state.average,
        params,
        updates
      )
      const targets = tree.map(
        (w, p, g) => add(mul(1 - weight, sub(p, mul(short, g))), mul(weight, w)),
        average,
        params,
        updates
      )
      return [updatesTo(params, targets), { count: state.count + 1, average: tree.castLike(average, state.average) }]
    }
  })
}

const fromOneTo = (most: number): Requirement => ({
  what: most === Number.MAX_VALUE ? 'a finite number ≥ 1' : `a number from 1 to ${most}`,
  holds: (value) => typeof value === 'number' && value >= 1 && value <= most
})
