import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByMsvagOptions,
  type ScaleByMsvagState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByMsvag
} from '@gradchain/transforms'

/** Options of {@link msvag}: those of `scaleByMsvag`. */
export type MsvagOptions = ScaleByMsvagOptions

/** State of {@link msvag}. */
export type MsvagState = readonly [ScaleByMsvagState, ScaleByScheduleState]

/**
 * M-SVAG: gradient descent with momentum that is shortened where it is mostly noise.
 *
 *     chain(scaleByMsvag({ beta, muDtype, nuDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g          m̂ = mₜ / (1 − βᵗ)
 *     vₜ = β vₜ₋₁ + (1 − β) g²         v̂ = vₜ / (1 − βᵗ)
 *     ρₜ = (1 − β) (1 + βᵗ) / ((1 + β) (1 − βᵗ))         s = (v̂ − m̂²) / (1 − ρₜ)
 *     uₜ = −α(t − 1) m̂ m̂² / (m̂² + ρₜ s)
 *
 * Laws: elementwise; odd in the gradient; homogeneous in it; with beta 0 it is `sgd(learningRate)`; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = msvag(0.5)
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 6 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Balles and Hennig (2017), Dissecting Adam: The Sign, Magnitude and Variance of Stochastic Gradients, algorithm 2,
 * {@link https://arxiv.org/abs/1705.07774}
 */
export const msvag = (
  learningRate: ScalarOrSchedule,
  options: MsvagOptions = {}
): GradientTransformation<MsvagState> => {
  const chosen = withDefaults<Required<MsvagOptions>>('msvag', options, {
    beta: 0.9,
    muDtype: undefined,
    nuDtype: undefined
  })

  return withOrigin(
    ['msvag', learningRate, { ...options }],
    chain(scaleByMsvag(chosen), scaleByLearningRate(learningRate))
  )
}
