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
import { steadied } from '../internal/steadied.js'

/** Options of {@link scaleByYogi}. */
export interface ScaleByYogiOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-3` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** What both moments are before the first update, finite and ≥ 0. @defaultValue `1e-6` */
  readonly initialAccumulatorValue?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByYogi}. */
export interface ScaleByYogiState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second moment v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Adam whose second moment moves by a bounded amount, however far it is off: Yogi, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = initialAccumulatorValue:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g                   m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = vₜ₋₁ − (1 − β₂) sign(vₜ₋₁ − g²) g²     v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = m̂ / (√(v̂ + epsRoot) + eps)
 *
 * Laws: elementwise; odd in the gradient and, with eps = epsRoot = 0, blind to its scale when initialAccumulatorValue = 0; the
 * first update is ±1 when all three are 0.
 *
 * Unlike the paper and like Optax, both moments are corrected, and both start at initialAccumulatorValue: the first one, too,
 * so that the very first updates lean a little to the positive side.
 *
 * @example
 * const tx = scaleByYogi({ b2: 0.75, eps: 0, initialAccumulatorValue: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: -4 }, tx.init(params), params)
 * first // => { w: -1 }
 * tx.update({ w: 1 }, state, params)[1].nu // => { w: 3.75 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Zaheer et al. (2018), algorithm 2, {@link https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization}
 * @see scaleByAdam
 */
export const scaleByYogi = (options: ScaleByYogiOptions = {}): GradientTransformation<ScaleByYogiState> => {
  const { b1, b2, eps, epsRoot, initialAccumulatorValue, muDtype, nuDtype } = withDefaults<
    Required<ScaleByYogiOptions>
  >('scaleByYogi', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-3,
    epsRoot: 0,
    initialAccumulatorValue: 1e-6,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByYogi', { b1, b2 }, inUnitInterval)
  check('scaleByYogi', { eps, epsRoot, initialAccumulatorValue }, nonNegative)
  check('scaleByYogi', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByYogiState>({
    origin: ['scaleByYogi', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.fullLike(tree.widen(params), initialAccumulatorValue, muDtype),
      nu: tree.fullLike(tree.widen(params), initialAccumulatorValue, nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => steadied(g, v, b2), updates, state.nu)
      const scaled = tree.map(
        (g, m, v) =>
          emitLike(div(biasCorrection(m, b1, count), divisorOf(biasCorrection(v, b2, count), 1, { eps, epsRoot })), g),
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
