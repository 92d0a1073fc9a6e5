import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByRssOptions,
  type ScaleByRssState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByRss
} from '@gradchain/transforms'

/** Options of {@link adagrad}: those of `scaleByRss`. */
export type AdagradOptions = ScaleByRssOptions

/** State of {@link adagrad}. */
export type AdagradState = readonly [ScaleByRssState, ScaleByScheduleState]

/**
 * AdaGrad: steps that get smaller where gradients have been, for sparse features.
 *
 *     chain(scaleByRss({ initialAccumulatorValue, eps, epsInSqrt, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from s₀ = initialAccumulatorValue:
 *
 *     sₜ = sₜ₋₁ + g²
 *     uₜ = −α(t − 1) g / √(sₜ + eps)
 *
 * Laws: elementwise; odd in the gradient; |u| ≤ α; a learning rate that is a number is its constant schedule.
 *
 * The defaults are those of Optax and Keras. PyTorch's form is
 * `adagrad(learningRate, { initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false })`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adagrad(0.5, { initialAccumulatorValue: 0, eps: 0 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 3 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: 4 }, state, next)[0] // => { w: 3.1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Duchi, Hazan and Singer (2011), Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, figure 1,
 * {@link https://jmlr.org/papers/v12/duchi11a.html}
 */
export const adagrad = (
  learningRate: ScalarOrSchedule,
  options: AdagradOptions = {}
): GradientTransformation<AdagradState> => {
  const chosen = withDefaults<Required<AdagradOptions>>('adagrad', options, {
    initialAccumulatorValue: 0.1,
    eps: 1e-7,
    epsInSqrt: true,
    accumulatorDtype: undefined
  })

  return withOrigin(
    ['adagrad', learningRate, { ...options }],
    chain(scaleByRss(chosen), scaleByLearningRate(learningRate))
  )
}
