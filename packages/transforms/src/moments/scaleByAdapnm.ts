import {
  biasCorrection,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  nonNegative,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { divisorOf } from '../internal/epsPlacement.js'
import { positiveNegative } from '../internal/positiveNegative.js'

/** Options of {@link scaleByAdapnm}. */
export interface ScaleByAdapnmOptions {
  /** Weight β₀ by which noise is added, finite and ≥ 0; 0 adds none. @defaultValue `1` */
  readonly b0?: number
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdapnm}. */
export interface ScaleByAdapnmState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean of the updates of every other step, up to the last, shaped like the params. */
  readonly mu: Tree
  /** The mean of those between them, shaped like the params. */
  readonly muBefore: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
  /** The largest second moment so far, V, shaped like the params. */
  readonly nuMax: Tree
}

/**
 * Positive-negative momentum over the largest magnitude so far: AdaPNM, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₋₁ = m₀ = v₀ = V₀ = 0:
 *
 *     mₜ = β₁² mₜ₋₂ + (1 − β₁²) g          m̂ = ((1 + β₀) mₜ − β₀ mₜ₋₁) / √((1 + β₀)² + β₀²) / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²           Vₜ = max(Vₜ₋₁, vₜ)
 *     uₜ = m̂ / (√(Vₜ / (1 − β₂ᵗ)) + eps)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = 0.
 *
 * @example
 * const tx = scaleByAdapnm({ b0: 0, b1: 0, b2: 0, eps: 0 })
 * tx.update({ w: [-3, 2] }, tx.init({ w: [0, 0] }), { w: [0, 0] })[0] // => { w: [-1, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Xie et al. (2021), algorithm 3, {@link https://arxiv.org/abs/2103.17182}
 * @see scaleByPnm, scaleByAmsgrad
 */
export const scaleByAdapnm = (options: ScaleByAdapnmOptions = {}): GradientTransformation<ScaleByAdapnmState> => {
  const { b0, b1, b2, eps, muDtype, nuDtype } = withDefaults<Required<ScaleByAdapnmOptions>>('scaleByAdapnm', options, {
    b0: 1,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByAdapnm', { b0, eps }, nonNegative)
  check('scaleByAdapnm', { b1, b2 }, inUnitInterval)
  check('scaleByAdapnm', { muDtype, nuDtype }, dtypeOption)
  const mix = positiveNegative(b0)

  return transformation<ScaleByAdapnmState>({
    origin: ['scaleByAdapnm', { ...options }],
    init: (params) => {
      const none = (dtype: DType | undefined): Tree => tree.zerosLike(tree.widen(params), dtype)
      return { count: 0, mu: none(muDtype), muBefore: none(muDtype), nu: none(nuDtype), nuMax: none(nuDtype) }
    },
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1 * b1, 1), updates, state.muBefore)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const nuMax = tree.map((v, most) => max(v, most), nu, state.nuMax)
      const mixed = tree.map((m, last) => biasCorrection(mix(m, last), b1, count), mu, state.mu)
      const scaled = tree.map(
        (g, m, v) => emitLike(div(m, divisorOf(biasCorrection(v, b2, count), 1, { eps, epsRoot: 0 })), g),
        updates,
        mixed,
        nuMax
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.muBefore),
        muBefore: state.mu,
        nu: tree.castLike(nu, state.nu),
        nuMax: tree.castLike(nuMax, state.nuMax)
      }
      return [scaled, next]
    }
  })
}
