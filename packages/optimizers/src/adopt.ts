import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdoptOptions,
  type ScaleByAdoptState,
  type ScaleByScheduleState,
  scaleByAdopt,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adopt}: those of `scaleByAdopt`. */
export type AdoptOptions = ScaleByAdoptOptions

/** State of {@link adopt}. */
export type AdoptState = readonly [ScaleByAdoptState, ScaleByScheduleState]

/**
 * ADOPT: Adam that divides each gradient by the second moment of those before it, and converges with any β₂.
 *
 *     chain(
 *       scaleByAdopt({ b1, b2, eps, muDtype, nuDtype, nesterov, useClipping, clipValueFn }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 0, 1, 2, … and the learning rate α, with the bound c(t), the fourth root of t by default:
 *
 *     t = 0:   v = g²,  m = 0,  u = 0
 *     t > 0:   nₜ = g / max(√vₜ₋₁, eps), bounded to [−c(t), c(t)] when useClipping
 *              mₜ = β₁ mₜ₋₁ + (1 − β₁) nₜ
 *              vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *              uₜ = −α(t) mₜ                   −α(t) (β₁ mₜ + (1 − β₁) nₜ) when nesterov
 *
 * Laws: elementwise; odd in the gradient; the first update is zero; a learning rate that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adopt(0.5, { b1: 0.5 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (const w of [4, 2]) [params, state] = step(tx, { w }, state, params)
 * params // => { w: 7.875 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Taniguchi et al. (2024), ADOPT: Modified Adam Can Converge with Any β₂ with the Optimal Rate, algorithm 2,
 * {@link https://arxiv.org/abs/2411.02853}
 * @see adam
 */
export const adopt = (
  learningRate: ScalarOrSchedule,
  options: AdoptOptions = {}
): GradientTransformation<AdoptState> => {
  const chosen = withDefaults<Required<AdoptOptions>>('adopt', options, {
    b1: 0.9,
    b2: 0.9999,
    eps: 1e-6,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: false,
    useClipping: true,
    clipValueFn: undefined
  })

  return withOrigin(
    ['adopt', learningRate, { ...options }],
    chain(scaleByAdopt(chosen), scaleByLearningRate(learningRate))
  )
}
