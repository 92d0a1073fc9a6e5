import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByFtrlOptions, type ScaleByFtrlState, scaleByFtrl } from '@gradchain/transforms'

/** Options of {@link ftrl}. */
export type FtrlOptions = ScaleByFtrlOptions

/** State of {@link ftrl}. */
export type FtrlState = readonly [ScaleByFtrlState]

/**
 * FTRL-Proximal: follows the regularized leader, for large sparse linear models whose data come one by one.
 *
 *     chain(scaleByFtrl(learningRate, { learningRatePower, initialAccumulatorValue, beta, l1, l2, l2Shrinkage, pastRate }))
 *
 * For the gradient g and the param p at step t = 1, 2, …, with a learning rate α that stays, q = −learningRatePower, s = l2Shrinkage,
 * from n = initialAccumulatorValue and z = 0:
 *
 *     nₜ = nₜ₋₁ + g²
 *     zₜ = zₜ₋₁ + g + s p − (nₜᵠ − nₜ₋₁ᵠ) / α · p
 *     p ← −sign(zₜ) max(|zₜ| − λ₁, 0) / ((β + nₜᵠ) / α + λ₂)
 *
 * Params should start at 0, to which they are pulled; l1 makes many of them stay there exactly.
 *
 * Laws: elementwise; odd in gradients and params together; without penalties, and with β = n₀ = 0, it is AdaGrad; a number is its
 * constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = ftrl(1, { l1: 1 })
 * const params = { w: [0, 0] }
 * step(tx, { w: [3, -0.5] }, tx.init(params), params)[0] // => { w: [-0.5, 0] }
 *
 * @throws InvalidOption at construction, when an option is outside its range, in the name of `scaleByFtrl`.
 * @see McMahan et al. (2013), Ad click prediction: a view from the trenches, algorithm 1,
 * {@link https://doi.org/10.1145/2487575.2488200}
 */
export const ftrl = (learningRate: ScalarOrSchedule, options: FtrlOptions = {}): GradientTransformation<FtrlState> => {
  const chosen = withDefaults<Required<FtrlOptions>>('ftrl', options, {
    learningRatePower: -0.5,
    initialAccumulatorValue: 0,
    beta: 1,
    l1: 0,
    l2: 0,
    l2Shrinkage: 0,
    pastRate: 'own'
  })

  return withOrigin(['ftrl', learningRate, { ...options }], chain(scaleByFtrl(learningRate, chosen)))
}
