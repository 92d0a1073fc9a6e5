import {
  add,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  max,
  mul,
  square,
  sub,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import { fromMoments } from '../internal/fromMoments.js'
import { quotient } from '../internal/quotient.js'
import type { ScaleByAdamState } from '../moments/scaleByAdam.js'

/** Options of {@link scaleByMsvag}. */
export interface ScaleByMsvagOptions {
  /** Decay rate β of both moments, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByMsvag}, that of Adam. */
export type ScaleByMsvagState = ScaleByAdamState

/**
 * Momentum that is shortened where it is mostly noise: M-SVAG, without the learning rate. Of Adam it has what adapts to the variance, and
 * not what takes the sign.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g          m̂ = mₜ / (1 − βᵗ)
 *     vₜ = β vₜ₋₁ + (1 − β) g²         v̂ = vₜ / (1 − βᵗ)
 *     ρₜ = (1 − β) (1 + βᵗ) / ((1 + β) (1 − βᵗ))
 *     s = (v̂ − m̂²) / (1 − ρₜ)
 *     uₜ = m̂ m̂² / (m̂² + ρₜ s)
 *
 * where s is an estimate of the variance of a gradient, and ρₜ s that of the mean. Of one gradient there is none: ρ₁ = 1, and u₁ = g.
 *
 * Laws: elementwise; odd in the gradient; homogeneous in it; |u| ≤ |m̂|; of a gradient that stays the same u = g; with β = 0 it is the identity.
 *
 * @example
 * const tx = scaleByMsvag({ beta: 0.5 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 3 }, tx.init(params), params)
 * first // => { w: 3 }
 * tx.update({ w: 3 }, state, params)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Balles and Hennig (2017), algorithm 2, {@link https://arxiv.org/abs/1705.07774}
 */
export const scaleByMsvag = (options: ScaleByMsvagOptions = {}): GradientTransformation<ScaleByMsvagState> => {
  const { beta, muDtype, nuDtype } = withDefaults<Required<ScaleByMsvagOptions>>('scaleByMsvag', options, {
    beta: 0.9,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByMsvag', { beta }, inUnitInterval)

  return withOrigin(
    ['scaleByMsvag', { ...options }],
    fromMoments('scaleByMsvag', { b1: beta, b2: beta, muDtype, nuDtype }, (_, mean, meanSquare, count) => {
      if (count === 1 || beta === 0) return mean
      const left = integerPower(beta, count)
      const rho = ((1 - beta) * (1 + left)) / ((1 + beta) * (1 - left))
      const squared = square(mean)
      // Where all gradients were the same, rounding may make the variance negative.
      const noise = mul(rho / (1 - rho), max(sub(meanSquare, squared), 0))
      return mul(mean, quotient(squared, add(squared, noise)))
    })
  )
}
