import {
  add,
  biasCorrection,
  check,
  type DType,
  div,
  finite,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  orSchedule,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { divisorOf } from '../internal/epsPlacement.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleBySimplifiedAdemamix}. */
export interface ScaleBySimplifiedAdemamixOptions {
  /** Share β₁ of the sum that is kept, in `[0, 1)`. @defaultValue `0.99` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.95` */
  readonly b2?: number
  /** Weight α of the gradient itself, any finite number, or a schedule. @defaultValue `0` */
  readonly alpha?: ScalarOrSchedule
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** The dtype in which the sum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleBySimplifiedAdemamix}. */
export interface ScaleBySimplifiedAdemamixState {
  /** How many updates were seen. */
  readonly count: number
  /** The decaying sum m of gradients, shaped like the params. */
  readonly m: Tree
  /** Second raw moment n, shaped like the params. */
  readonly n: Tree
}

/**
 * A long sum of gradients and the gradient itself, over the root of the mean square: simplified AdEMAMix, without the learning
 * rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = n₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + g
 *     nₜ = β₂ nₜ₋₁ + (1 − β₂) g²             n̂ = nₜ / (1 − β₂ᵗ)
 *     uₜ = (mₜ + α(t − 1) g) / (√(n̂ + epsRoot) + eps)
 *
 * m is a sum, no mean: of a gradient that stays the same it grows to 1 / (1 − β₁) times that, and so do updates. The learning
 * rate is to be that much smaller than Adam's.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; with α = β₁ = 0 that of
 * {@link scaleByAdam} with b1 = 0.
 *
 * @example
 * const tx = scaleBySimplifiedAdemamix({ b1: 0.5, alpha: 1, eps: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: -3 }, tx.init(params), params)
 * first // => { w: -2 }
 * tx.update({ w: -3 }, state, params)[0].w.toFixed(12) // => '-2.500000000000'
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number.
 * @see Morwani et al. (2025), algorithm 1, {@link https://arxiv.org/abs/2502.02431}
 * @see scaleByAdemamix
 */
export const scaleBySimplifiedAdemamix = (
  options: ScaleBySimplifiedAdemamixOptions = {}
): GradientTransformation<ScaleBySimplifiedAdemamixState> => {
  const { b1, b2, alpha, eps, epsRoot, muDtype, nuDtype } = withDefaults<Required<ScaleBySimplifiedAdemamixOptions>>(
    'scaleBySimplifiedAdemamix',
    options,
    { b1: 0.99, b2: 0.95, alpha: 0, eps: 1e-8, epsRoot: 0, muDtype: undefined, nuDtype: undefined }
  )
  check('scaleBySimplifiedAdemamix', { b1, b2 }, inUnitInterval)
  check('scaleBySimplifiedAdemamix', { alpha }, orSchedule(finite))
  check('scaleBySimplifiedAdemamix', { eps, epsRoot }, nonNegative)
  check('scaleBySimplifiedAdemamix', { muDtype, nuDtype }, dtypeOption)
  const weightAt = asSchedule(alpha)

  return transformation<ScaleBySimplifiedAdemamixState>({
    origin: ['scaleBySimplifiedAdemamix', { ...options }],
    init: (params) => ({
      count: 0,
      m: tree.zerosLike(tree.widen(params), muDtype),
      n: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const weight = valueAt('scaleBySimplifiedAdemamix', weightAt, state.count)
      const m = tree.map((g, sum) => add(g, mul(b1, sum)), updates, state.m)
      const n = tree.map((g, mean) => updateMoment(g, mean, b2, 2), updates, state.n)
      const scaled = tree.map(
        (g, sum, meanSquare) => {
          const root = divisorOf(biasCorrection(meanSquare, b2, count), 1, { eps, epsRoot })
          return emitLike(div(add(sum, mul(weight, g)), root), g)
        },
        updates,
        m,
        n
      )
      return [scaled, { count, m: tree.castLike(m, state.m), n: tree.castLike(n, state.n) }]
    }
  })
}
