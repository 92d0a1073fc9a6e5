import {
  abs,
  add,
  boolean,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  type Leaf,
  max,
  mul,
  nonNegative,
  type Operand,
  optional,
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
import { checkMask, expandMask } from '../internal/expandMask.js'
import { ratio } from '../internal/ratio.js'
import { valueAt } from '../internal/valueAt.js'
import type { Mask } from '../selection/mask.js'

/** Options of {@link scaleByProdigy}. */
export interface ScaleByProdigyOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Decay rate β₃ of the estimate, in `[0, 1)`. @defaultValue `√b2` */
  readonly b3?: number | undefined
  /** Added outside the square root, in units of d, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The first estimate d₀, finite and > 0. @defaultValue `1e-6` */
  readonly estimLr0?: number
  /** Factor c of the estimate, finite and > 0: less is more careful. @defaultValue `1` */
  readonly estimLrCoef?: number
  /** Share λ of the params that decays at each step, times the step size; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Which leaves decay; all of them are estimated from and moved. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
  /** Whether a learning rate that is still low, in a warm-up, is left out of the divisor of the estimate. @defaultValue `false` */
  readonly safeguardWarmup?: boolean
}

/** State of {@link scaleByProdigy}. */
export interface ScaleByProdigyState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m of the gradients times d, shaped like the params. */
  readonly expAvg: Tree
  /** Second moment v of the gradients times d, shaped like the params. */
  readonly expAvgSq: Tree
  /** The decaying sum s of weighted gradients, shaped like the params. */
  readonly gradSum: Tree
  /** The params at `init`. */
  readonly params0: Tree
  /** The estimate d of the distance to the solution, a number. */
  readonly estimLr: Operand
  /** The decaying sum r of weighted ⟨g, p₀ − p⟩, a number. */
  readonly numeratorWeighted: Operand
}

/**
 * Adam whose learning rate is an estimate of how far the solution is: Prodigy, before the sign is turned.
 *
 * For the gradients g, all leaves together, with the params p, at step t = 1, 2, …, from m = v = s = r = 0 and d = d₀:
 *
 *     η = d α(t − 1) √(1 − β₂ᵗ) / (1 − β₁ᵗ)
 *     m ← β₁ m + (1 − β₁) d g
 *     v ← β₂ v + (1 − β₂) (d g)²
 *     s ← β₃ s + η d g / d₀                     d² g / d₀ when safeguardWarmup
 *     r ← β₃ r + η d / d₀ ⟨g, p₀ − p⟩
 *     d ← max(d, c r / Σ|s|)
 *     u = η (m / (√v + d eps) + λ p)            with η of before and d of after; λ where the mask is true
 *
 * The learning rate α is 1, or a schedule that is 1 at its highest. While all gradients have been zero the estimate stays.
 *
 * Laws: odd in gradients and params together; d never falls; a tree and its flattened vector agree; without weight decay and up to
 * the first growth of d it is Adam with the learning rate d₀ α and with eps ≈ eps √(1 − β₂ᵗ)⁻¹.
 *
 * Unlike Optax: a first gradient of zeros does not make everything NaN.
 *
 * @param learningRate - the factor α, a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByProdigy(1, { estimLr0: 0.5, eps: 0 })
 * const params = { w: [1, 1] }
 * const [updates, state] = tx.update({ w: [-3, 8] }, tx.init(params), params)
 * updates.w.map((u) => u.toFixed(6)) // => ['-0.500000', '0.500000']
 * state.estimLr // => 0.5
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number; InvalidTree at init and update, where the mask does not fit the params.
 * @see Mishchenko and Defazio (2023), algorithm 4, {@link https://arxiv.org/abs/2306.06101}
 * @see scaleByDadaptAdamw
 */
export const scaleByProdigy = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: ScaleByProdigyOptions<P, M> = {}
): GradientTransformation<ScaleByProdigyState> => {
  const given = withDefaults<Given<P, M>>('scaleByProdigy', options, {
    b1: 0.9,
    b2: 0.999,
    b3: undefined,
    eps: 1e-8,
    estimLr0: 1e-6,
    estimLrCoef: 1,
    weightDecay: 0,
    weightDecayMask: true,
    safeguardWarmup: false
  })
  const { b1, b2, eps, estimLr0, estimLrCoef, weightDecay, weightDecayMask, safeguardWarmup } = given
  check('scaleByProdigy', { learningRate }, orSchedule(nonNegative))
  check('scaleByProdigy', { b1, b2 }, inUnitInterval)
  check('scaleByProdigy', { b3: given.b3 }, optional(inUnitInterval))
  check('scaleByProdigy', { eps, weightDecay }, nonNegative)
  check('scaleByProdigy', { estimLr0, estimLrCoef }, positive)
  check('scaleByProdigy', { safeguardWarmup }, boolean)
  checkMask('scaleByProdigy', weightDecayMask, 'weightDecayMask')
  const b3 = given.b3 ?? Math.sqrt(b2)
  const rateAt = asSchedule(learningRate)

  const decays = (params: Tree): Tree<boolean> =>
    expandMask('scaleByProdigy', weightDecayMask, params, 'weightDecayMask')

  return transformation<ScaleByProdigyState>({
    origin: ['scaleByProdigy', learningRate, { ...options }],
    init: (params) => {
      // Only to have a mask that does not fit refused before the first update.
      decays(params)
      const none = (): Tree => tree.zerosLike(tree.widen(params))
      return {
        count: 0,
        expAvg: none(),
        expAvgSq: none(),
        gradSum: none(),
        params0: params,
        estimLr: estimLr0,
        numeratorWeighted: 0
      }
    },
    update: (updates, state, params) => {
      const { params0, estimLr: d } = state
      const count = state.count + 1
      const correction = Math.sqrt(1 - integerPower(b2, count)) / (1 - integerPower(b1, count))
      const size = mul(d, valueAt('scaleByProdigy', rateAt, state.count) * correction)
      const scaled = tree.map((g) => mul(d, g), updates)
      const expAvg = tree.map((g, m) => updateMoment(g, m, b1, 1), scaled, state.expAvg)
      const expAvgSq = tree.map((g, v) => updateMoment(g, v, b2, 2), scaled, state.expAvgSq)
      const weight = div(safeguardWarmup ? d : size, estimLr0)
      const gradSum = tree.map((g, s) => add(mul(b3, s), mul(weight, g)), scaled, state.gradSum)
      const gained = mul(mul(div(d, estimLr0), size), tree.vdot(updates, tree.sub(params0, params)))
      const numeratorWeighted = add(mul(b3, state.numeratorWeighted), gained)
      const estimate = ratio(mul(estimLrCoef, numeratorWeighted), tree.sum(tree.map(abs, gradSum)))
      const estimLr = max(d, estimate)
      const divided = tree.map((m, v) => div(mul(size, m), add(sqrt(v), mul(eps, estimLr))), expAvg, expAvgSq)
      const shrink = mul(weightDecay, size)
      const emitted =
        weightDecay === 0
          ? divided
          : tree.map((u, p, isOn) => (isOn ? add(u, mul(shrink, p)) : u), divided, params, decays(params))
      return [emitted, { count, expAvg, expAvgSq, gradSum, params0, estimLr, numeratorWeighted }]
    }
  })
}

/** All options with their values; a mask is always one. */
type Given<P, M> = Required<Omit<ScaleByProdigyOptions, 'weightDecayMask'>> & {
  readonly weightDecayMask: Mask<P, M>
}
