import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByAccSgdOptions, type ScaleByAccSgdState, scaleByAccSgd } from '@gradchain/transforms'

/** Options of {@link accSgd}: those of `scaleByAccSgd`. */
export type AccSgdOptions = ScaleByAccSgdOptions

/** State of {@link accSgd}. */
export type AccSgdState = readonly [ScaleByAccSgdState]

/**
 * Accelerated SGD: short steps, drawn towards the running average of long ones.
 *
 *     chain(scaleByAccSgd(learningRate, { kappa, xi, smallConst }))
 *
 * Elementwise, for the gradient g and the param p at step t = 0, 1, 2, …, with c = smallConst and γ = c² ξ / κ, from w̄ = p₀:
 *
 *     w̄ ← (1 − γ) w̄ + γ (p − κ α(t) / c g)
 *     u = (c (p − α(t) g) + γ w̄) / (c + γ) − p
 *
 * Laws: elementwise; odd in gradients and params together; a number is its constant schedule.
 *
 * @param learningRate - that of the short steps, a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = accSgd(0.5, { kappa: 2, xi: 2, smallConst: 1 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, in the name of `scaleByAccSgd`.
 * @see Kidambi et al. (2018), On the insufficiency of existing momentum schemes for Stochastic Optimization, algorithm 3,
 * {@link https://arxiv.org/abs/1803.05591}
 */
export const accSgd = (
  learningRate: ScalarOrSchedule,
  options: AccSgdOptions = {}
): GradientTransformation<AccSgdState> =>
  withOrigin(
    ['accSgd', learningRate, { ...options }],
    chain(scaleByAccSgd(learningRate, withDefaults('accSgd', options, { kappa: 1000, xi: 10, smallConst: 0.7 })))
  )
