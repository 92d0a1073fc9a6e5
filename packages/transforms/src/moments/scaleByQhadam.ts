import {
  add,
  check,
  type DType,
  div,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  nonNegative,
  sqrt,
  square,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { fromMoments } from '../internal/fromMoments.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/** Options of {@link scaleByQhadam}. */
export interface ScaleByQhadamOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.995` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Share ν₁ of the first moment in the numerator, in `[0, 1]`; the rest is the gradient. @defaultValue `0.7` */
  readonly nu1?: number
  /** Share ν₂ of the second moment under the root, in `[0, 1]`; the rest is the squared gradient. @defaultValue `1` */
  readonly nu2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByQhadam}, that of Adam. */
export type ScaleByQhadamState = ScaleByAdamState

/**
 * Adam whose moments stand beside the gradient at hand: QHAdam, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = ((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + eps)
 *
 * The defaults are those that its authors recommend, who have ν₁ = ν₂ = 1 in their library: that is Adam.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = 0; with ν₁ = ν₂ = 1 it is {@link scaleByAdam}; with ν₁ = 0 and
 * ν₂ = 1 it is {@link scaleByRms} with a corrected second moment.
 *
 * @example
 * const tx = scaleByQhadam({ b1: 0.5, nu1: 0.5, nu2: 0, eps: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 3 }, tx.init(params), params)
 * first // => { w: 1 }
 * tx.update({ w: -6 }, state, params)[0] // => { w: -0.75 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Ma and Yarats (2018), algorithm 2 and section 4.3, {@link https://arxiv.org/abs/1810.06801}
 * @see scaleByQhm
 */
export const scaleByQhadam = (options: ScaleByQhadamOptions = {}): GradientTransformation<ScaleByQhadamState> => {
  const { nu1, nu2, eps, ...kept } = withDefaults<Required<ScaleByQhadamOptions>>('scaleByQhadam', options, {
    b1: 0.995,
    b2: 0.999,
    nu1: 0.7,
    nu2: 1,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByQhadam', { nu1, nu2 }, inClosedUnitInterval)
  check('scaleByQhadam', { eps }, nonNegative)

  return withOrigin(
    ['scaleByQhadam', { ...options }],
    fromMoments('scaleByQhadam', kept, (g, mean, meanSquare) => {
      // Where a share is 0 its square is left out: it may be infinite, and 0 · ∞ is none of Adam's numbers.
      const under = nu2 === 1 ? meanSquare : nu2 === 0 ? square(g) : add(mul(1 - nu2, square(g)), mul(nu2, meanSquare))
      return div(add(mul(1 - nu1, g), mul(nu1, mean)), add(sqrt(under), eps))
    })
  )
}
