import {
  add,
  biasCorrection,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  nonNegative,
  sqrt,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByAcprop}. */
export interface ScaleByAcpropOptions {
  /** Decay rate β₁ of the first moment, the forecast, in `[0, 1)`. @defaultValue `0.9` */
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
}

/** State of {@link scaleByAcprop}. */
export interface ScaleByAcpropState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** The mean squared error s of the first moment as a forecast, shaped like the params. */
  readonly nu: Tree
}

/**
 * Divides each update by how far off forecasts were before it came: ACProp, AdaBelief whose divisor does not know the gradient
 * that it divides.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = s₀ = 0:
 *
 *     ŝ = sₜ₋₁ / (1 − β₂ᵗ⁻¹)                             (1 when t = 1)
 *     uₜ = g / (√ŝ + eps)
 *     sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ₋₁)² + epsRoot
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *
 * There is no momentum in the updates, and the first one is the gradient as it is, over 1 + eps: where gradients are large, so is
 * that step.
 *
 * Laws: elementwise; odd in the gradient; from the second update on blind to its scale when eps = epsRoot = 0.
 *
 * @example
 * const tx = scaleByAcprop({ b2: 0.5, eps: 0, epsRoot: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: -4 }, tx.init(params), params)
 * first // => { w: -4 }
 * tx.update({ w: 2 }, state, params)[0] // => { w: 0.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Zhuang et al. (2021), algorithm 2, {@link https://arxiv.org/abs/2110.05454}
 * @see scaleByBelief
 */
export const scaleByAcprop = (options: ScaleByAcpropOptions = {}): GradientTransformation<ScaleByAcpropState> => {
  const { b1, b2, eps, epsRoot, muDtype, nuDtype } = withDefaults<Required<ScaleByAcpropOptions>>(
    'scaleByAcprop',
    options,
    { b1: 0.9, b2: 0.999, eps: 1e-16, epsRoot: 1e-16, muDtype: undefined, nuDtype: undefined }
  )
  check('scaleByAcprop', { b1, b2 }, inUnitInterval)
  check('scaleByAcprop', { eps, epsRoot }, nonNegative)
  check('scaleByAcprop', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAcpropState>({
    origin: ['scaleByAcprop', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const { count } = state
      const scaled = tree.map(
        (g, s) => emitLike(div(g, add(count === 0 ? 1 : sqrt(biasCorrection(s, b2, count)), eps)), g),
        updates,
        state.nu
      )
      const nu = tree.map((g, m, s) => add(updateMoment(sub(g, m), s, b2, 2), epsRoot), updates, state.mu, state.nu)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      return [scaled, { count: count + 1, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
