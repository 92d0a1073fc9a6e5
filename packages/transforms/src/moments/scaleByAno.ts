import {
  abs,
  biasCorrection,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  sign,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { divisorOf } from '../internal/epsPlacement.js'
import { steadied } from '../internal/steadied.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/** Options of {@link scaleByAno}. */
export interface ScaleByAnoOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.92` */
  readonly b1?: number
  /** Rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAno}, that of Adam. */
export type ScaleByAnoState = ScaleByAdamState

/**
 * Takes the direction from momentum and the length from the gradient at hand: Ano, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     vₜ = vₜ₋₁ − (1 − β₂) sign(vₜ₋₁ − g²) g²          v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = |g| sign(mₜ) / (√v̂ + eps)
 *
 * The second moment is that of {@link scaleByYogi}.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = 0, and then the first update is ±1; where g = 0, u = 0.
 *
 * @example
 * const tx = scaleByAno({ b1: 0.75, eps: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: -4 }, tx.init(params), params)
 * first // => { w: -1 }
 * tx.update({ w: 0 }, state, params)[0] // => { w: -0 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Kegreisz (2025), algorithm 1, {@link https://arxiv.org/abs/2508.18258}
 */
export const scaleByAno = (options: ScaleByAnoOptions = {}): GradientTransformation<ScaleByAnoState> => {
  const { b1, b2, eps, muDtype, nuDtype } = withDefaults<Required<ScaleByAnoOptions>>('scaleByAno', options, {
    b1: 0.92,
    b2: 0.99,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByAno', { b1, b2 }, inUnitInterval)
  check('scaleByAno', { eps }, nonNegative)
  check('scaleByAno', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAnoState>({
    origin: ['scaleByAno', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => steadied(g, v, b2), updates, state.nu)
      const scaled = tree.map(
        (g, m, v) => {
          const divisor = divisorOf(biasCorrection(v, b2, count), 1, { eps, epsRoot: 0 })
          return emitLike(mul(div(abs(g), divisor), sign(m)), g)
        },
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
