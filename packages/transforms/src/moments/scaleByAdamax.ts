import {
  abs,
  add,
  biasCorrection,
  boolean,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  mul,
  nonNegative,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByAdamax}. */
export interface ScaleByAdamaxOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the maximum, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Whether eps is added to |g|, inside the maximum, as in Optax and PyTorch, or to the maximum, as in Keras. @defaultValue `true` */
  readonly epsInMax?: boolean
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the maximum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdamax}. */
export interface ScaleByAdamaxState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** The decaying maximum v of magnitudes, shaped like the params. */
  readonly nu: Tree
}

/**
 * Divides a running mean of each update by the decaying maximum of its magnitude: Adamax, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = max(β₂ vₜ₋₁, |g| + eps)       (max(β₂ vₜ₋₁, |g|) unless epsInMax)
 *     uₜ = m̂ / vₜ                        (m̂ / (vₜ + eps) unless epsInMax)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = 0; the first update is ±1 when eps = 0; with
 * b1 = 0, |u| ≤ 1.
 *
 * Unlike the paper, which has no eps, and like Optax and PyTorch, eps is added inside the maximum; Keras and TensorFlow.js add it outside.
 *
 * @example
 * const tx = scaleByAdamax({ b1: 0.5, b2: 0.5, eps: 0 })
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [-3, 0.1] }, tx.init(params), params)
 * first // => { w: [-1, 1] }
 * tx.update({ w: [0, 0] }, state, params)[0] // => { w: [-0.666…, 0.666…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Kingma and Ba (2014), algorithm 2, {@link https://arxiv.org/abs/1412.6980}
 * @see scaleByAdam
 */
export const scaleByAdamax = (options: ScaleByAdamaxOptions = {}): GradientTransformation<ScaleByAdamaxState> => {
  const chosen = withDefaults<Required<ScaleByAdamaxOptions>>('scaleByAdamax', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsInMax: true,
    muDtype: undefined,
    nuDtype: undefined
  })
  const { b1, b2, eps, epsInMax, muDtype, nuDtype } = chosen
  check('scaleByAdamax', { b1, b2 }, inUnitInterval)
  check('scaleByAdamax', { eps }, nonNegative)
  check('scaleByAdamax', { epsInMax }, boolean)
  check('scaleByAdamax', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAdamaxState>({
    origin: ['scaleByAdamax', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => max(mul(b2, v), epsInMax ? add(abs(g), eps) : abs(g)), updates, state.nu)
      const scaled = tree.map(
        (g, m, v) => emitLike(div(biasCorrection(m, b1, count), epsInMax ? v : add(v, eps)), g),
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
