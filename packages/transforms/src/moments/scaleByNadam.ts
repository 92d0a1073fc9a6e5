import {
  add,
  biasCorrection,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  optional,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower, pow } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { anEpsPlacement, divisorOf } from '../internal/epsPlacement.js'

/** Options of {@link scaleByNadam}. */
export interface ScaleByNadamOptions {
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
  /** Rate ψ at which the momentum grows from β₁ / 2 to β₁, finite and ≥ 0; without it, it is β₁ from the start. @defaultValue `undefined` */
  readonly momentumDecay?: number | undefined
  /**
   * Whether eps and epsRoot are added to the corrected second moment, `'outside'`, as in Optax and PyTorch, or to the one before its
   * correction, `'hat'`, the "epsilon hat" of Adam's paper. @defaultValue `'outside'`
   */
  readonly epsPlacement?: 'outside' | 'hat'
}

/** State of {@link scaleByNadam}. */
export interface ScaleByNadamState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
  /** The product of all momenta μ so far, a number; 1 before the first update. */
  readonly momentumProduct: number
}

/**
 * Adam with Nesterov momentum, which may warm up: NAdam, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0, where ψ = momentumDecay:
 *
 *     μₜ = β₁ (1 − ½ · 0.96^(t ψ))       (β₁ without ψ)
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = μₜ₊₁ mₜ / (1 − μ₁ ⋯ μₜ₊₁) + (1 − μₜ) g / (1 − μ₁ ⋯ μₜ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = m̂ / (√(v̂ + epsRoot) + eps)                        (m̂ √(1 − β₂ᵗ) / (√(vₜ + epsRoot) + eps) when epsPlacement is 'hat')
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; without momentumDecay, and in its limit of
 * large ones, it is `scaleByAdam({ nesterov: true })`.
 *
 * Without momentumDecay this is Optax's `nadam`, with `{ momentumDecay: 4e-3 }` that of PyTorch and with
 * `{ momentumDecay: 1, eps: 1e-7 }` that of Keras. Unlike algorithm 2 of the paper and like all three, v̂ is not multiplied by β₂.
 *
 * @example
 * const tx = scaleByNadam({ b1: 0.5, eps: 0 })
 * tx.update({ w: -3 }, tx.init({ w: 0 }), { w: 0 })[0] // => { w: -1.333… }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Dozat (2016), algorithm 2, {@link https://openreview.net/pdf?id=OM0jvwB8jIp57ZJjtNEZ}
 * @see scaleByAdam
 */
export const scaleByNadam = (options: ScaleByNadamOptions = {}): GradientTransformation<ScaleByNadamState> => {
  const chosen = withDefaults<Required<ScaleByNadamOptions>>('scaleByNadam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    momentumDecay: undefined,
    epsPlacement: 'outside'
  })
  const { b1, b2, eps, epsRoot, muDtype, nuDtype, momentumDecay, epsPlacement } = chosen
  check('scaleByNadam', { b1, b2 }, inUnitInterval)
  check('scaleByNadam', { eps, epsRoot }, nonNegative)
  check('scaleByNadam', { muDtype, nuDtype }, dtypeOption)
  check('scaleByNadam', { momentumDecay }, optional(nonNegative))
  check('scaleByNadam', { epsPlacement }, anEpsPlacement)
  const momentumAt = (count: number): number =>
    momentumDecay === undefined ? b1 : b1 * (1 - 0.5 * pow(0.96, count * momentumDecay))

  return transformation<ScaleByNadamState>({
    origin: ['scaleByNadam', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype),
      momentumProduct: 1
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const [now, later] = [momentumAt(count), momentumAt(count + 1)]
      const momentumProduct = state.momentumProduct * now
      const weight = 1 - integerPower(b2, count)
      const ofMomentum = later / (1 - momentumProduct * later)
      const ofGradient = (1 - now) / (1 - momentumProduct)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const scaled = tree.map(
        (g, m, v) => {
          const mean = add(mul(ofMomentum, m), mul(ofGradient, g))
          return emitLike(div(mean, divisorOf(biasCorrection(v, b2, count), weight, chosen)), g)
        },
        updates,
        mu,
        nu
      )
      const next = { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu), momentumProduct }
      return [scaled, next]
    }
  })
}
