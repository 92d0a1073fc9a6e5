import {
  add,
  check,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  orSchedule,
  pow,
  square,
  sub,
  type Tree,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { quotient } from '../internal/quotient.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByMadgrad}. */
export interface ScaleByMadgradOptions {
  /** Share c of the params that stays at each step, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Added to the learning rate and to the cubic root, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
}

/** State of {@link scaleByMadgrad}. */
export interface ScaleByMadgradState {
  /** How many updates were seen. */
  readonly count: number
  /** The weighted sum q of squared gradients, shaped like the params. */
  readonly gradSumSq: Tree
  /** The weighted sum s of gradients, shaped like the params. */
  readonly s: Tree
  /** The params at `init`. */
  readonly x0: Tree
}

/**
 * Dual averaging with a cubic root: MADGRAD. It emits whole updates, which descend by themselves.
 *
 * Elementwise, for the gradient g and the param p at step t = 0, 1, 2, …, with c = momentum, from q = s = 0:
 *
 *     λ = (α(t) + eps) √(t + 1)
 *     q ← q + λ g²
 *     s ← s + λ g
 *     z = p₀ − s / (∛q + eps)
 *     u = (1 − c) (z − p)
 *
 * The sums are of all gradients, and none is forgotten, so that a learning rate which falls counts for what comes, not for what
 * was. Where all gradients were zero z = p₀, also when eps = 0.
 *
 * Laws: elementwise; odd in gradients and params together; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByMadgrad(1, { momentum: 0.5, eps: 0 })
 * tx.update({ w: [8, -1] }, tx.init({ w: [3, 3] }), { w: [3, 3] })[0] // => { w: [-1.000…, 0.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number.
 * @see Defazio and Jelassi (2021), algorithm 1, {@link https://arxiv.org/abs/2101.11075}
 */
export const scaleByMadgrad = (
  learningRate: ScalarOrSchedule,
  options: ScaleByMadgradOptions = {}
): GradientTransformation<ScaleByMadgradState> => {
  const { momentum, eps } = withDefaults('scaleByMadgrad', options, { momentum: 0.9, eps: 1e-6 })
  check('scaleByMadgrad', { learningRate }, orSchedule(nonNegative))
  check('scaleByMadgrad', { momentum }, inUnitInterval)
  check('scaleByMadgrad', { eps }, nonNegative)
  const rateAt = asSchedule(learningRate)

  return transformation<ScaleByMadgradState>({
    origin: ['scaleByMadgrad', learningRate, { ...options }],
    init: (params) => ({
      count: 0,
      gradSumSq: tree.zerosLike(tree.widen(params)),
      s: tree.zerosLike(tree.widen(params)),
      x0: params
    }),
    update: (updates, state, params) => {
      const { count, x0 } = state
      const weight = (valueAt('scaleByMadgrad', rateAt, count) + eps) * Math.sqrt(count + 1)
      const gradSumSq = tree.map((g, q) => add(q, mul(weight, square(g))), updates, state.gradSumSq)
      const s = tree.map((g, sum) => add(sum, mul(weight, g)), updates, state.s)
      const targets = tree.map(
        (start, sum, q, p) => {
          const z = sub(start, quotient(sum, add(pow(q, 1 / 3), eps)))
          return add(mul(1 - momentum, z), mul(momentum, p))
        },
        x0,
        s,
        gradSumSq,
        params
      )
      return [updatesTo(params, targets), { count: count + 1, gradSumSq, s, x0 }]
    }
  })
}
