import {
  abs,
  add,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  mul,
  nonNegative,
  type Operand,
  orSchedule,
  positive,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { quotient } from '../internal/quotient.js'
import { ratio } from '../internal/ratio.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByDadaptAdamw}. */
export interface ScaleByDadaptAdamwOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The first estimate d₀, finite and > 0. @defaultValue `1e-6` */
  readonly estimLr0?: number
  /** Share λ of the params that decays at each step, times the step size; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
}

/** State of {@link scaleByDadaptAdamw}. */
export interface ScaleByDadaptAdamwState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m of the gradients times the step size, shaped like the params. */
  readonly expAvg: Tree
  /** Second moment v of the gradients, shaped like the params. */
  readonly expAvgSq: Tree
  /** The mean s of the gradients times the step size, shaped like the params. */
  readonly gradSum: Tree
  /** The estimate d of the distance to the solution, a number. */
  readonly estimLr: Operand
  /** The mean r of the step size times ⟨g, s / √v⟩, a number. */
  readonly numeratorWeighted: Operand
}

/**
 * Adam whose learning rate is a lower bound of how far the solution is: D-Adaptation, before the sign is turned.
 *
 * For the gradients g, all leaves together, with the params p, at step t = 1, 2, …, from m = v = s = r = 0 and d = d₀, with
 * γ = √β₂:
 *
 *     η = d α(t − 1) √(1 − β₂ᵗ) / (1 − β₁ᵗ)
 *     r ← γ r + (1 − γ) η ⟨g, s / (√v + eps)⟩
 *     m ← β₁ m + (1 − β₁) η g
 *     v ← β₂ v + (1 − β₂) g²
 *     s ← γ s + (1 − γ) η g
 *     d ← max(d, r / ((1 − γ) Σ|s|))
 *     u = m / (√v + eps) + λ η p
 *
 * The learning rate α is 1, or a schedule that is 1 at its highest. While all gradients have been zero the estimate stays.
 *
 * Laws: odd in gradients and params together; d never falls; a tree and its flattened vector agree.
 *
 * Unlike Optax: a first gradient of zeros does not make everything NaN.
 *
 * @param learningRate - the factor α, a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByDadaptAdamw(1, { estimLr0: 0.5, eps: 0 })
 * const params = { w: [1, 1] }
 * const [updates, state] = tx.update({ w: [-3, 8] }, tx.init(params), params)
 * updates.w.map((u) => u.toFixed(6)) // => ['-0.500000', '0.500000']
 * state.estimLr // => 0.5
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number.
 * @see Defazio and Mishchenko (2023), algorithm 5, {@link https://arxiv.org/abs/2301.07733}
 * @see scaleByProdigy
 */
export const scaleByDadaptAdamw = (
  learningRate: ScalarOrSchedule = 1,
  options: ScaleByDadaptAdamwOptions = {}
): GradientTransformation<ScaleByDadaptAdamwState> => {
  const { b1, b2, eps, estimLr0, weightDecay } = withDefaults('scaleByDadaptAdamw', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    estimLr0: 1e-6,
    weightDecay: 0
  })
  check('scaleByDadaptAdamw', { learningRate }, orSchedule(nonNegative))
  check('scaleByDadaptAdamw', { b1, b2 }, inUnitInterval)
  check('scaleByDadaptAdamw', { eps, weightDecay }, nonNegative)
  check('scaleByDadaptAdamw', { estimLr0 }, positive)
  const rateAt = asSchedule(learningRate)
  const decay = Math.sqrt(b2)

  return transformation<ScaleByDadaptAdamwState>({
    origin: ['scaleByDadaptAdamw', learningRate, { ...options }],
    init: (params) => {
      const none = (): Tree => tree.zerosLike(tree.widen(params))
      return { count: 0, expAvg: none(), expAvgSq: none(), gradSum: none(), estimLr: estimLr0, numeratorWeighted: 0 }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const correction = Math.sqrt(1 - integerPower(b2, count)) / (1 - integerPower(b1, count))
      const size = mul(state.estimLr, valueAt('scaleByDadaptAdamw', rateAt, state.count) * correction)
      const before = tree.map((s, v) => quotient(s, add(sqrt(v), eps)), state.gradSum, state.expAvgSq)
      const gained = mul(mul(1 - decay, size), tree.vdot(updates, before))
      const numeratorWeighted = add(mul(decay, state.numeratorWeighted), gained)
      const steps = tree.map((g) => mul(size, g), updates)
      const expAvg = tree.map((g, m) => updateMoment(g, m, b1, 1), steps, state.expAvg)
      const expAvgSq = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.expAvgSq)
      const gradSum = tree.map((g, s) => updateMoment(g, s, decay, 1), steps, state.gradSum)
      const total = mul(1 - decay, tree.sum(tree.map(abs, gradSum)))
      const estimate = ratio(numeratorWeighted, total)
      const emitted = tree.map(
        (m, v, p) => {
          const step = div(m, add(sqrt(v), eps))
          return weightDecay === 0 ? step : add(step, mul(mul(weightDecay, size), p))
        },
        expAvg,
        expAvgSq,
        params
      )
      const estimLr = max(state.estimLr, estimate)
      return [emitted, { count, expAvg, expAvgSq, gradSum, estimLr, numeratorWeighted }]
    }
  })
}
