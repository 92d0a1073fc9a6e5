import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByKateOptions,
  type ScaleByKateState,
  type ScaleByScheduleState,
  scaleByKate,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link kate}: those of `scaleByKate`. */
export type KateOptions = ScaleByKateOptions

/** State of {@link kate}. */
export type KateState = readonly [ScaleByKateState, ScaleByScheduleState]

/**
 * KATE: Adagrad without its root, which does not see the scale of data.
 *
 *     chain(scaleByKate({ eta, eps }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from b₀² = eps and m₀² = 0:
 *
 *     bₜ² = bₜ₋₁² + g²
 *     mₜ² = mₜ₋₁² + η g² + g² / bₜ²
 *     uₜ = −α(t − 1) mₜ g / bₜ²
 *
 * Laws: elementwise; odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = kate(0.5, { eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 0.25 }, tx.init(params), params)[0] // => { w: 6 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Choudhury et al. (2024), Remove that Square Root: A New Efficient Scale-Invariant Version of AdaGrad, algorithm 1,
 * {@link https://arxiv.org/abs/2403.02648}
 */
export const kate = (learningRate: ScalarOrSchedule, options: KateOptions = {}): GradientTransformation<KateState> => {
  const chosen = withDefaults<Required<KateOptions>>('kate', options, {
    eta: 0,
    eps: 1e-8
  })

  return withOrigin(
    ['kate', learningRate, { ...options }],
    chain(scaleByKate(chosen), scaleByLearningRate(learningRate))
  )
}
