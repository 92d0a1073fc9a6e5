import { chain, type DType, type GradientTransformation, withDefaults } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByScheduleState, scaleByLearningRate, type TraceState } from '@gradchain/transforms'
import { momentumTrace } from './internal/momentum.js'

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** Decay rate β of the momentum, in `[0, 1]`; without it there is none. @defaultValue `undefined` */
  readonly momentum?: number | undefined
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
  /** The dtype in which the momentum is kept; by default that of the params. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link sgd}. Without momentum its trace is `null`, an empty tree. */
export type SgdState = readonly [TraceState, ScaleByScheduleState]

/**
 * Stochastic gradient descent, with momentum when asked for.
 *
 *     chain(trace(momentum, { nesterov, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, …, the learning rate α and the momentum β, from τ₀ = 0:
 *
 *     τₜ = g + β τₜ₋₁
 *     uₜ = −α(t − 1) τₜ            (−α(t − 1) (g + β τₜ) when nesterov)
 *
 * The state has one type. Without momentum no trace is kept, τₜ = g, and `null` stands in its place.
 *
 * Laws: elementwise; linear in the history of gradients; without momentum, and with momentum 0, u = −α g; a learning rate
 * that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = sgd(0.5, { momentum: 0.5 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3 }
 * step(tx, { w: 2 }, state, next)[0] // => { w: 1.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Sutskever et al. (2013), sections 2 and 3, {@link https://proceedings.mlr.press/v28/sutskever13.html}
 */
export const sgd = (learningRate: ScalarOrSchedule, options: SgdOptions = {}): GradientTransformation<SgdState> => {
  const { momentum, ...rest } = withDefaults<Required<SgdOptions>>('sgd', options, {
    momentum: undefined,
    nesterov: false,
    accumulatorDtype: undefined
  })

  return chain(momentumTrace('sgd', momentum, rest), scaleByLearningRate(learningRate))
}
