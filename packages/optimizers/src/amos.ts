import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type EmaState, type ScaleByAmosOptions, type ScaleByAmosState, scaleByAmos } from '@gradchain/transforms'
import { keptAverage } from './internal/average.js'

/** Options of {@link amos}: those of `scaleByAmos`, and momentum. */
export interface AmosOptions extends ScaleByAmosOptions {
  /** Decay rate of a mean of updates, in `[0, 1)`; without it there is none. @defaultValue `undefined` */
  readonly momentum?: number | undefined
}

/** State of {@link amos}. Without momentum its average is `null`, an empty tree. */
export type AmosState = readonly [ScaleByAmosState, EmaState]

/**
 * Amos: Adam's steps with a weight decay and a learning rate that fall by themselves, with momentum when asked for.
 *
 *     chain(scaleByAmos(learningRate, { eta, beta, cCoef, dCoef, extraL2 }), ema(momentum, { debias: false }))
 *
 * For each leaf, its gradient g at step t = 1, 2, … and the param p, with α = α(t − 1), from v₀ = b₀ = 0, without momentum:
 *
 *     vₜ = β vₜ₋₁ + (1 − β) mean(g²)                     v̂ = vₜ / (1 − βᵗ)
 *     γ = α² mean(g²) / v̂ / √(1 + c √α bₜ₋₁)
 *     uₜ = −(α η g / √v̂ + (γ / 2 + κ) p) / (1 + d √(α η) bₜ₋₁)
 *     bₜ = bₜ₋₁ + γ (1 + bₜ₋₁)
 *
 * Laws: odd in gradients and params together; blind to the scale of gradients; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the paper proposes 1 / √N for N batches in an epoch.
 *
 * @example
 * const tx = amos(0.5, { eta: 2 })
 * const params = { w: [8, 0] }
 * step(tx, { w: [3, -3] }, tx.init(params), params)[0] // => { w: [6, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where a tree of eta does not fit the params.
 * @see Tian and Parikh (2022), Amos: An Adam-style Optimizer with Adaptive Weight Decay towards Model-Oriented Scale, algorithm
 * 1, {@link https://arxiv.org/abs/2210.11693}
 */
export const amos = (learningRate: ScalarOrSchedule, options: AmosOptions = {}): GradientTransformation<AmosState> => {
  const { momentum, ...rest } = withDefaults<Required<AmosOptions>>('amos', options, {
    eta: 1,
    beta: 0.999,
    cCoef: 0.25,
    dCoef: 0.25,
    extraL2: 0,
    momentum: undefined
  })

  return withOrigin(
    ['amos', learningRate, { ...options }],
    chain(scaleByAmos(learningRate, rest), keptAverage('amos', momentum, { debias: false }))
  )
}
