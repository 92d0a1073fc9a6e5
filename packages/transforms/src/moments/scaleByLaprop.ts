import {
  biasCorrection,
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
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { divisorOf } from '../internal/epsPlacement.js'

/** Options of {@link scaleByLaprop}. */
export interface ScaleByLapropOptions {
  /** Decay rate β₁ of the mean of what was divided, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-15` */
  readonly eps?: number
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByLaprop}. */
export interface ScaleByLapropState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean m of what was divided, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Adam that divides each gradient first and averages afterwards: LaProp, without the learning rate. What is averaged has one scale, so
 * that β₁ and β₂ may be chosen apart.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                         v̂ = vₜ / (1 − β₂ᵗ)
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g / (√v̂ + eps)
 *     uₜ = mₜ / (1 − β₁ᵗ)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = 0; with β₁ = 0 it is {@link scaleByAdam} with b1 = 0.
 *
 * @example
 * const tx = scaleByLaprop({ b1: 0.5, eps: 0 })
 * tx.update({ w: [-3, 2] }, tx.init({ w: [0, 0] }), { w: [0, 0] })[0] // => { w: [-1, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Ziyin, Wang and Ueda (2020), algorithm 1, {@link https://arxiv.org/abs/2002.04839}
 * @see scaleByAdopt
 */
export const scaleByLaprop = (options: ScaleByLapropOptions = {}): GradientTransformation<ScaleByLapropState> => {
  const { b1, b2, eps, muDtype, nuDtype } = withDefaults<Required<ScaleByLapropOptions>>('scaleByLaprop', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-15,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByLaprop', { b1, b2 }, inUnitInterval)
  check('scaleByLaprop', { eps }, nonNegative)
  check('scaleByLaprop', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByLapropState>({
    origin: ['scaleByLaprop', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const divided = tree.map(
        (g, v) => div(g, divisorOf(biasCorrection(v, b2, count), 1, { eps, epsRoot: 0 })),
        updates,
        nu
      )
      const mu = tree.map((d, m) => updateMoment(d, m, b1, 1), divided, state.mu)
      const scaled = tree.map((m, g) => emitLike(biasCorrection(m, b1, count), g), mu, updates)
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
