import {
  biasCorrection,
  boolean,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  nonNegative,
  square,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { rootWith } from '../internal/rootWith.js'

/** Options of {@link scaleByStddev}. */
export interface ScaleByStddevOptions {
  /** Decay rate β of the mean and of the mean square, in `[0, 1)`. @defaultValue `0.9` */
  readonly decay?: number
  /** Added against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The mean square before the first update, finite and ≥ 0. @defaultValue `0` */
  readonly initialScale?: number
  /** Whether eps is added inside the square root or outside. @defaultValue `true` */
  readonly epsInSqrt?: boolean
  /** Whether to make up for the start of both means, as Adam does. @defaultValue `false` */
  readonly biasCorrection?: boolean
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the mean square is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByStddev}. */
export interface ScaleByStddevState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean m, shaped like the params. */
  readonly mu: Tree
  /** The mean square v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Divides each update by a running estimate of its standard deviation: centred RMSProp, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, … and β = decay, from m₀ = 0 and v₀ = initialScale:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g            m̂ = mₜ          (mₜ / (1 − βᵗ) when biasCorrection)
 *     vₜ = β vₜ₋₁ + (1 − β) g²           v̂ = vₜ          (vₜ / (1 − βᵗ) when biasCorrection)
 *     uₜ = g / √(s + eps)                s = max(v̂ − m̂², 0)         (g / (√s + eps) unless epsInSqrt)
 *
 * When the gradient hardly changes, the variance s is what rounding left of a difference of equals: the update is then of
 * the size g / √eps, and eps is better not tiny.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = initialScale = 0; finite when eps > 0.
 *
 * Unlike Optax: the variance, which rounding may leave a little below zero, is taken for zero then, where Optax has NaN.
 *
 * @example
 * const tx = scaleByStddev({ decay: 0.5, eps: 0 })
 * tx.update({ w: -3 }, tx.init({ w: 0 }), { w: 0 }) // => [{ w: -2 }, { count: 1, mu: { w: -1.5 }, nu: { w: 4.5 } }]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Graves (2013), section 4.2, {@link https://arxiv.org/abs/1308.0850}
 * @see scaleByRms
 */
export const scaleByStddev = (options: ScaleByStddevOptions = {}): GradientTransformation<ScaleByStddevState> => {
  const chosen = withDefaults<Required<ScaleByStddevOptions>>('scaleByStddev', options, {
    decay: 0.9,
    eps: 1e-8,
    initialScale: 0,
    epsInSqrt: true,
    biasCorrection: false,
    muDtype: undefined,
    nuDtype: undefined
  })
  const { decay, eps, initialScale, epsInSqrt, muDtype, nuDtype } = chosen
  check('scaleByStddev', { decay }, inUnitInterval)
  check('scaleByStddev', { eps, initialScale }, nonNegative)
  check('scaleByStddev', { epsInSqrt, biasCorrection: chosen.biasCorrection }, boolean)
  check('scaleByStddev', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByStddevState>({
    origin: ['scaleByStddev', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.fullLike(tree.widen(params), initialScale, nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, decay, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, decay, 2), updates, state.nu)
      const scaled = tree.map(
        (g, m, v) => {
          const mean = chosen.biasCorrection ? biasCorrection(m, decay, count) : m
          const meanSquare = chosen.biasCorrection ? biasCorrection(v, decay, count) : v
          const variance = max(sub(meanSquare, square(mean)), 0)
          return emitLike(div(g, rootWith(variance, eps, epsInSqrt)), g)
        },
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
