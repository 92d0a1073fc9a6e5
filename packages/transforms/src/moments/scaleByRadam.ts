import {
  biasCorrection,
  boolean,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
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
import { anEpsPlacement, divisorOf } from '../internal/epsPlacement.js'
import { atLeastFour, knownShare } from '../internal/rectification.js'

/** Options of {@link scaleByRadam}. */
export interface ScaleByRadamOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** The length ρ of the average from which on its variance is taken for known, finite and ≥ 4. @defaultValue `5` */
  readonly threshold?: number
  /** Whether the first moment looks one step ahead, as in NAdam. @defaultValue `false` */
  readonly nesterov?: boolean
  /**
   * Whether eps and epsRoot are added to the corrected second moment, `'outside'`, as in Optax, or to the one before its
   * correction, `'hat'`, as in PyTorch. @defaultValue `'outside'`
   */
  readonly epsPlacement?: 'outside' | 'hat'
}

/** State of {@link scaleByRadam}. */
export interface ScaleByRadamState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Adam that warms itself up: it divides by the magnitude only as far as that is known. RAdam, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0, and with ρ∞ = 2 / (1 − β₂) − 1:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)      r = √((ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ))
 *     uₜ = r m̂ / (√(v̂ + epsRoot) + eps)                when ρₜ ≥ threshold
 *     uₜ = m̂                                           before that
 *
 * and when nesterov
 *
 *     m̂ = β₁ mₜ / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
 *
 * and when epsPlacement is 'hat'
 *
 *     uₜ = r m̂ √(1 − β₂ᵗ) / (√(vₜ + epsRoot) + eps)    when ρₜ ≥ threshold
 *
 * The first few updates, five with β₂ = 0.999, have the size of the gradient. With β₂ ≤ 0.6 they stay so for ever.
 *
 * Laws: elementwise; odd in the gradient; before the threshold it is `ema(b1)`; in the limit of many steps it is
 * {@link scaleByAdam}.
 *
 * As in Optax, eps is added to √v̂; PyTorch's form is `{ epsPlacement: 'hat' }`, with a threshold of ρₜ > 5.
 *
 * @example
 * const tx = scaleByRadam()
 * tx.update({ w: -3 }, tx.init({ w: 0 }), { w: 0 })[0] // => { w: -3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Liu et al. (2019), algorithm 2, {@link https://arxiv.org/abs/1908.03265}
 * @see scaleByAdam
 */
export const scaleByRadam = (options: ScaleByRadamOptions = {}): GradientTransformation<ScaleByRadamState> => {
  const chosen = withDefaults<Required<ScaleByRadamOptions>>('scaleByRadam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    threshold: 5,
    nesterov: false,
    epsPlacement: 'outside'
  })
  const { b1, b2, eps, epsRoot, muDtype, nuDtype, threshold, nesterov, epsPlacement } = chosen
  check('scaleByRadam', { b1, b2 }, inUnitInterval)
  check('scaleByRadam', { eps, epsRoot }, nonNegative)
  check('scaleByRadam', { muDtype, nuDtype }, dtypeOption)
  check('scaleByRadam', { threshold }, atLeastFour)
  check('scaleByRadam', { nesterov }, boolean)
  check('scaleByRadam', { epsPlacement }, anEpsPlacement)

  return transformation<ScaleByRadamState>({
    origin: ['scaleByRadam', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const weight = 1 - integerPower(b2, count)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const share = knownShare(b2, count, threshold)
      const scaled = tree.map(
        (g, m, v) => {
          const mean = debiasedMean(g, m, b1, count, nesterov)
          if (share === null) return emitLike(mean, g)
          return emitLike(div(mul(share, mean), divisorOf(biasCorrection(v, b2, count), weight, chosen)), g)
        },
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
