import {
  aNumber,
  biasCorrection,
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
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { divisorOf } from '../internal/epsPlacement.js'
import { stepAlong } from '../internal/momo.js'
import { quotient } from '../internal/quotient.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByMomoAdam}. */
export interface ScaleByMomoAdamOptions {
  /** Decay rate β₁ of the means, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The least value f* that the loss can have, any finite number. @defaultValue `0` */
  readonly lowerBound?: number
  /** Share λ of the params that decays at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the least value is estimated on the way; `lowerBound` is then the least estimate. @defaultValue `false` */
  readonly adaptLowerBound?: boolean
}

/** State of {@link scaleByMomoAdam}. */
export interface ScaleByMomoAdamState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean gradient m, shaped like the params. */
  readonly expAvg: Tree
  /** Second raw moment v, shaped like the params. */
  readonly expAvgSq: Tree
  /** The mean value f̄ of the loss, not made up for its start. */
  readonly barf: number
  /** The mean γ of ⟨g, p⟩, a number. */
  readonly gamma: Operand
  /** The least value f* of the loss, a number. */
  readonly lb: Operand
}

/** What the update of {@link scaleByMomoAdam} needs to be told. */
export interface ScaleByMomoAdamExtra {
  /** The value of the loss at the params. */
  readonly value: number
}

/**
 * Adam whose step goes at most to where a model of the loss, made of past losses and gradients, reaches its least value: MoMo-Adam,
 * before the sign is turned.
 *
 * For the gradients g, all leaves together, with the params p and the loss f there, at step t = 1, 2, …, with c = 1 − β₁ᵗ and from
 * zeros:
 *
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²                 D = √(v / (1 − β₂ᵗ)) + eps
 *     f̄ ← β₁ f̄ + (1 − β₁) f
 *     γ ← β₁ γ + (1 − β₁) ⟨g, p⟩
 *     n = ⟨m, m / D⟩
 *     τ = min(α / c, max((1 + αλ) (f̄ − c f* − γ) + ⟨m, p⟩, 0) / n)        0 where n ≤ 2⁻⁵²
 *     u = τ m / D + αλ / (1 + αλ) p
 *
 * The learning rate α = α(t − 1) only bounds the step: where the bound is reached it is Adam's. With `adaptLowerBound` f* is estimated,
 * as in {@link scaleByMomo}, with c f* for f* and n for ‖m‖².
 *
 * Laws: where the step is bounded by α, and λ = 0, it is {@link scaleByAdam} times α; a tree and its flattened vector agree; a number
 * is its constant schedule.
 *
 * @param learningRate - the longest step α, a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByMomoAdam(0.5, { eps: 0 })
 * const params = { x: 3, y: -4 }
 * const [updates] = tx.update({ x: 2, y: -8 }, tx.init(params), params, { value: 70 })
 * updates.x.toFixed(6) // => '0.500000'
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when the value or what the schedule gives
 * is no number.
 * @see Schaipp et al. (2023), algorithm 3, {@link https://arxiv.org/abs/2305.07583}
 */
export const scaleByMomoAdam = (
  learningRate: ScalarOrSchedule = 0.01,
  options: ScaleByMomoAdamOptions = {}
): GradientTransformation<ScaleByMomoAdamState, ScaleByMomoAdamExtra> => {
  const { b1, b2, eps, lowerBound, weightDecay, adaptLowerBound } = withDefaults('scaleByMomoAdam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    lowerBound: 0,
    weightDecay: 0,
    adaptLowerBound: false
  })
  check('scaleByMomoAdam', { learningRate }, orSchedule(nonNegative))
  check('scaleByMomoAdam', { b1, b2 }, inUnitInterval)
  check('scaleByMomoAdam', { lowerBound }, finite)
  check('scaleByMomoAdam', { eps, weightDecay }, nonNegative)
  check('scaleByMomoAdam', { adaptLowerBound }, boolean)
  const rateAt = asSchedule(learningRate)

  return transformation<ScaleByMomoAdamState, ScaleByMomoAdamExtra>({
    origin: ['scaleByMomoAdam', learningRate, { ...options }],
    init: (params) => ({
      count: 0,
      expAvg: tree.zerosLike(tree.widen(params)),
      expAvgSq: tree.zerosLike(tree.widen(params)),
      barf: 0,
      gamma: 0,
      lb: lowerBound
    }),
    update: (updates, state, params, extra) => {
      const value = extra?.value
      check('scaleByMomoAdam', { value }, aNumber)
      const rate = valueAt('scaleByMomoAdam', rateAt, state.count)
      const count = state.count + 1
      const expAvg = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.expAvg)
      const expAvgSq = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.expAvgSq)
      const directions = tree.map(
        (m, v) => quotient(m, divisorOf(biasCorrection(v, b2, count), 1, { eps, epsRoot: 0 })),
        expAvg,
        expAvgSq
      )
      const barf = b1 * state.barf + (1 - b1) * value
      const gamma = updateMoment(tree.vdot(updates, params), state.gamma, b1, 1)
      const model = {
        barf,
        gamma,
        along: tree.vdot(expAvg, params),
        normSquared: tree.vdot(expAvg, directions),
        growth: 1 + rate * weightDecay,
        correction: 1 - integerPower(b1, count)
      }
      const told = { lowerBound, weightDecay, adaptLowerBound }
      const { emitted, lb } = stepAlong(directions, params, model, state.lb, rate, told)
      return [emitted, { count, expAvg, expAvgSq, barf, gamma, lb }]
    }
  })
}
