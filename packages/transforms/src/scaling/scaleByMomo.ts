import {
  aNumber,
  boolean,
  check,
  finite,
  type GradientTransformation,
  inUnitInterval,
  nonNegative,
  type Operand,
  orSchedule,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { stepAlong } from '../internal/momo.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByMomo}. */
export interface ScaleByMomoOptions {
  /** Decay rate β of the means, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta?: number
  /** The least value f* that the loss can have, any finite number. @defaultValue `0` */
  readonly lowerBound?: number
  /** Share λ of the params that decays at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the least value is estimated on the way; `lowerBound` is then the least estimate. @defaultValue `false` */
  readonly adaptLowerBound?: boolean
}

/** State of {@link scaleByMomo}. */
export interface ScaleByMomoState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean gradient m, shaped like the params. */
  readonly expAvg: Tree
  /** The mean value f̄ of the loss. */
  readonly barf: number
  /** The mean γ of ⟨g, p⟩, a number. */
  readonly gamma: Operand
  /** The least value f* of the loss, a number. */
  readonly lb: Operand
}

/** What the update of {@link scaleByMomo} needs to be told. */
export interface ScaleByMomoExtra {
  /** The value of the loss at the params. */
  readonly value: number
}

/**
 * Momentum whose step goes at most to where a model of the loss, made of past losses and gradients, reaches its least value: MoMo,
 * before the sign is turned.
 *
 * For the gradients g, all leaves together, with the params p and the loss f there, at step t = 1, 2, …, with β = 0 at the first:
 *
 *     m ← β m + (1 − β) g
 *     f̄ ← β f̄ + (1 − β) f
 *     γ ← β γ + (1 − β) ⟨g, p⟩
 *     τ = min(α, max((1 + αλ) (f̄ − f* − γ) + ⟨m, p⟩, 0) / ‖m‖²)        0 where ‖m‖² ≤ 2⁻⁵²
 *     u = τ m + αλ / (1 + αλ) p
 *
 * The learning rate α = α(t − 1) only bounds the step, so that it may well be large. With `adaptLowerBound`, where the model would
 * be below f*, f* is first set halfway to it; and after the step to where the model is then, but never below `lowerBound`:
 *
 *     h = (1 + αλ) (f̄ − γ) + ⟨m, p⟩
 *     f* ← max(h / (2 (1 + αλ)), lowerBound)                  before, if h < (1 + αλ) f*
 *     f* ← max(f̄ + ⟨m, p⟩ − γ − τ ‖m‖² / 2, lowerBound)       after
 *
 * Laws: with β = 0, λ = 0 and a bound that stays it is {@link scaleByPolyak}; a tree and its flattened vector agree; a number is its
 * constant schedule.
 *
 * @param learningRate - the longest step α, a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByMomo(10)
 * const params = { x: 3, y: -4 }
 * // f = |x| + |y|
 * tx.update({ x: 1, y: -1 }, tx.init(params), params, { value: 7 })[0] // => { x: 3.5, y: -3.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when the value or what the schedule gives
 * is no number.
 * @see Schaipp et al. (2023), algorithm 1, {@link https://arxiv.org/abs/2305.07583}
 * @see scaleByMomoAdam
 */
export const scaleByMomo = (
  learningRate: ScalarOrSchedule = 1,
  options: ScaleByMomoOptions = {}
): GradientTransformation<ScaleByMomoState, ScaleByMomoExtra> => {
  const { beta, lowerBound, weightDecay, adaptLowerBound } = withDefaults('scaleByMomo', options, {
    beta: 0.9,
    lowerBound: 0,
    weightDecay: 0,
    adaptLowerBound: false
  })
  check('scaleByMomo', { learningRate }, orSchedule(nonNegative))
  check('scaleByMomo', { beta }, inUnitInterval)
  check('scaleByMomo', { lowerBound }, finite)
  check('scaleByMomo', { weightDecay }, nonNegative)
  check('scaleByMomo', { adaptLowerBound }, boolean)
  const rateAt = asSchedule(learningRate)

  return transformation<ScaleByMomoState, ScaleByMomoExtra>({
    origin: ['scaleByMomo', learningRate, { ...options }],
    init: (params) => ({
      count: 0,
      expAvg: tree.zerosLike(tree.widen(params)),
      barf: 0,
      gamma: 0,
      lb: lowerBound
    }),
    update: (updates, state, params, extra) => {
      const value = extra?.value
      check('scaleByMomo', { value }, aNumber)
      const rate = valueAt('scaleByMomo', rateAt, state.count)
      // The first loss and the first gradient are the start of the means.
      const decay = state.count === 0 ? 0 : beta
      const expAvg = tree.map((g, m) => updateMoment(g, m, decay, 1), updates, state.expAvg)
      const barf = decay * state.barf + (1 - decay) * value
      const gamma = updateMoment(tree.vdot(updates, params), state.gamma, decay, 1)
      const model = {
        barf,
        gamma,
        along: tree.vdot(expAvg, params),
        normSquared: tree.squaredNorm(expAvg),
        growth: 1 + rate * weightDecay,
        correction: 1
      }
      const told = { lowerBound, weightDecay, adaptLowerBound }
      const { emitted, lb } = stepAlong(expAvg, params, model, state.lb, rate, told)
      return [emitted, { count: state.count + 1, expAvg, barf, gamma, lb }]
    }
  })
}
