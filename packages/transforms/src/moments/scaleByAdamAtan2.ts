import {
  atan2,
  check,
  type DType,
  finite,
  type GradientTransformation,
  mul,
  positive,
  sqrt,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { fromMoments } from '../internal/fromMoments.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/** Options of {@link scaleByAdamAtan2}. */
export interface ScaleByAdamAtan2Options {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** What the angle is multiplied by, finite. @defaultValue `1` */
  readonly a?: number
  /** What the root is multiplied by, finite and > 0. @defaultValue `1` */
  readonly b?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdamAtan2}, that of Adam. */
export type ScaleByAdamAtan2State = ScaleByAdamState

/**
 * Adam with an angle in the place of its quotient, which needs no ε: Adam-atan2, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = a atan2(m̂, b √v̂)
 *
 * A small angle is its tangent: with a large b and a = b it is {@link scaleByAdam} with ε = 0. The angle of equal sides is π/4, so that
 * with a = 4/π a gradient that stays the same gives ±1, as it does in Adam; many write 1.27.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale; |u| ≤ a π/2; gradients that have always been 0 give 0.
 *
 * @example
 * const tx = scaleByAdamAtan2({ a: 4 / Math.PI })
 * tx.update({ w: [-3, 1e-30, 0] }, tx.init({ w: [0, 0, 0] }), { w: [0, 0, 0] })[0] // => { w: [-1, 1, 0] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Everett et al. (2024), Scaling Exponents Across Parameterizations and Optimizers, {@link https://arxiv.org/abs/2407.05872}
 * @see scaleByAdam
 */
export const scaleByAdamAtan2 = (
  options: ScaleByAdamAtan2Options = {}
): GradientTransformation<ScaleByAdamAtan2State> => {
  const { a, b, ...kept } = withDefaults<Required<ScaleByAdamAtan2Options>>('scaleByAdamAtan2', options, {
    b1: 0.9,
    b2: 0.999,
    a: 1,
    b: 1,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByAdamAtan2', { a }, finite)
  check('scaleByAdamAtan2', { b }, positive)

  return withOrigin(
    ['scaleByAdamAtan2', { ...options }],
    fromMoments('scaleByAdamAtan2', kept, (_, mean, meanSquare) => mul(a, atan2(mean, mul(b, sqrt(meanSquare)))))
  )
}
