import {
  add,
  biasCorrection,
  boolean,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  sqrt,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { debiasedMean } from '../internal/debiasedMean.js'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { divisorOf } from '../internal/epsPlacement.js'
import { atLeastFour, knownShare } from '../internal/rectification.js'

/** Options of {@link scaleByBelief}. */
export interface ScaleByBeliefOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the squared error, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-16` */
  readonly eps?: number
  /** Added to the squared error at every step, finite and ≥ 0. @defaultValue `1e-16` */
  readonly epsRoot?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the squared error is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** Whether the first moment looks one step ahead, as in NAdam. @defaultValue `false` */
  readonly nesterov?: boolean
  /** Whether it divides only as far as the squared error is known, as RAdam does. @defaultValue `false` */
  readonly rectify?: boolean
  /** The length ρ of the average from which on its variance is taken for known, finite and ≥ 4; with rectify alone. @defaultValue `5` */
  readonly threshold?: number
}

/** State of {@link scaleByBelief}. */
export interface ScaleByBeliefState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** The mean squared error s of the first moment as a forecast, shaped like the params. */
  readonly nu: Tree
}

/**
 * Divides a running mean of each update by how far off it was as a forecast: AdaBelief, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = s₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g                          m̂ = mₜ / (1 − β₁ᵗ)
 *     sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ)² + epsRoot        ŝ = sₜ / (1 − β₂ᵗ)
 *     uₜ = m̂ / (√ŝ + eps)
 *
 * and when nesterov
 *
 *     m̂ = β₁ mₜ / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
 *
 * and when rectify, with ρₜ and r of {@link scaleByRadam}
 *
 *     uₜ = r m̂ √(1 − β₂ᵗ) / (√sₜ + eps)                 when ρₜ ≥ threshold
 *     uₜ = m̂                                             before that
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; the first update is ±1 / β₁ when
 * eps = epsRoot = 0, unless rectify: then it is `ema(b1)` before the threshold.
 *
 * The authors have eps = 1e-16 in their code for deep networks and 1e-8 in the paper. Optax's default for both, 1e-16, is kept:
 * when the gradient hardly changes steps get large.
 *
 * @example
 * const tx = scaleByBelief({ b1: 0.5, eps: 0, epsRoot: 0 })
 * tx.update({ w: -3 }, tx.init({ w: 0 }), { w: 0 })[0] // => { w: -2 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Zhuang et al. (2020), algorithm 2, {@link https://arxiv.org/abs/2010.07468}
 * @see scaleByAdam
 */
export const scaleByBelief = (options: ScaleByBeliefOptions = {}): GradientTransformation<ScaleByBeliefState> => {
  const chosen = withDefaults<Required<ScaleByBeliefOptions>>('scaleByBelief', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-16,
    epsRoot: 1e-16,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: false,
    rectify: false,
    threshold: 5
  })
  const { b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, rectify, threshold } = chosen
  check('scaleByBelief', { b1, b2 }, inUnitInterval)
  check('scaleByBelief', { eps, epsRoot }, nonNegative)
  check('scaleByBelief', { muDtype, nuDtype }, dtypeOption)
  check('scaleByBelief', { nesterov, rectify }, boolean)
  check('scaleByBelief', { threshold }, atLeastFour)

  return transformation<ScaleByBeliefState>({
    origin: ['scaleByBelief', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, m, s) => add(updateMoment(sub(g, m), s, b2, 2), epsRoot), updates, mu, state.nu)
      const share = rectify ? knownShare(b2, count, threshold) : 1
      const weight = 1 - integerPower(b2, count)
      const scaled = tree.map(
        (g, m, s) => {
          const forecast = debiasedMean(g, m, b1, count, nesterov)
          if (share === null) return emitLike(forecast, g)
          const error = biasCorrection(s, b2, count)
          if (!rectify) return emitLike(div(forecast, add(sqrt(error), eps)), g)
          return emitLike(
            div(mul(share, forecast), divisorOf(error, weight, { eps, epsRoot: 0, epsPlacement: 'hat' })),
            g
          )
        },
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
