import {
  biasCorrection,
  boolean,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
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

/** Options of {@link scaleByAdam}. */
export interface ScaleByAdamOptions {
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
  /** Whether the first moment looks one step ahead, as in NAdam. @defaultValue `false` */
  readonly nesterov?: boolean
  /**
   * Whether eps and epsRoot are added to the corrected second moment, `'outside'`, as in Optax and PyTorch, or to the one before its
   * correction, `'hat'`, as in Keras and TensorFlow: the "epsilon hat" of the paper. @defaultValue `'outside'`
   */
  readonly epsPlacement?: 'outside' | 'hat'
}

/** State of {@link scaleByAdam}. */
export interface ScaleByAdamState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Divides a running mean of each update by a running estimate of its magnitude: Adam, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = m̂ / (√(v̂ + epsRoot) + eps)
 *
 * and when nesterov
 *
 *     m̂ = β₁ mₜ / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
 *
 * and when epsPlacement is 'hat'
 *
 *     uₜ = m̂ √(1 − β₂ᵗ) / (√(vₜ + epsRoot) + eps)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; the first update is ±1 when
 * eps = epsRoot = 0; with b1 = 0 it is {@link scaleByRms} with bias correction and eps outside the root; where eps stands does not
 * matter in the limit of many steps.
 *
 * An eps "hat" weighs most in the first steps: there it is eps / √(1 − β₂ᵗ) in the terms of the other, 32 times as much with β₂ =
 * 0.999. Keras's Adam is `{ eps: 1e-7, epsPlacement: 'hat' }`.
 *
 * Unlike Dozat's algorithm 2 and like Optax, NAdam here has a constant β₁ and does not multiply v̂ by β₂.
 *
 * @example
 * const tx = scaleByAdam()
 * const [u] = tx.update({ w: -3 }, tx.init({ w: 0 }), { w: 0 })
 * u.w.toFixed(6) // => '-1.000000'
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Kingma and Ba (2014), algorithm 1, {@link https://arxiv.org/abs/1412.6980}
 * @see Dozat (2016), algorithm 2, for nesterov, {@link https://openreview.net/pdf?id=OM0jvwB8jIp57ZJjtNEZ}
 */
export const scaleByAdam = (options: ScaleByAdamOptions = {}): GradientTransformation<ScaleByAdamState> => {
  const chosen = withDefaults<Required<ScaleByAdamOptions>>('scaleByAdam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: false,
    epsPlacement: 'outside'
  })
  const { b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement } = chosen
  check('scaleByAdam', { b1, b2 }, inUnitInterval)
  check('scaleByAdam', { eps, epsRoot }, nonNegative)
  check('scaleByAdam', { muDtype, nuDtype }, dtypeOption)
  check('scaleByAdam', { nesterov }, boolean)
  check('scaleByAdam', { epsPlacement }, anEpsPlacement)

  return transformation<ScaleByAdamState>({
    origin: ['scaleByAdam', { ...options }],
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
      const scaled = tree.map(
        (g, m, v) => {
          const mean = debiasedMean(g, m, b1, count, nesterov)
          return emitLike(div(mean, divisorOf(biasCorrection(v, b2, count), weight, chosen)), g)
        },
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
