import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  inClosedUnitInterval,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByScheduleState, scaleByLearningRate, type TraceState, trace } from '@gradchain/transforms'

/** Options of {@link heavyBall}. */
export interface HeavyBallOptions {
  /** Share β of the last step that is taken again, in `[0, 1]`. @defaultValue `0.9` */
  readonly momentum?: number
  /** The dtype in which the last step is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link heavyBall}; its trace is the last step. */
export type HeavyBallState = readonly [ScaleByScheduleState, TraceState]

/**
 * Polyak's heavy ball: gradient descent that goes on for a share of its last step.
 *
 *     chain(scaleByLearningRate(learningRate), trace(momentum, { accumulatorDtype }))
 *
 * For the params θ with the gradient g at step t = 1, 2, …, the learning rate α and the momentum β, from θ₋₁ = θ₀:
 *
 *     θₜ = θₜ₋₁ − α(t − 1) g + β (θₜ₋₁ − θₜ₋₂)
 *
 * so a change of the learning rate is felt by new gradients alone, where {@link sgd} scales the steps of the past as well.
 *
 * Laws: elementwise; linear in the history of gradients; it is `sgd` with lrPlacement 'inside'; with momentum 0, u = −α g; a
 * learning rate that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = heavyBall((t) => (t === 0 ? 0.5 : 0), { momentum: 0.5 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3 }
 * step(tx, { w: 2 }, state, next)[0] // => { w: 2.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Polyak (1964), Some methods of speeding up the convergence of iteration methods, equation 9,
 * {@link https://doi.org/10.1016/0041-5553(64)90137-5}
 */
export const heavyBall = (
  learningRate: ScalarOrSchedule,
  options: HeavyBallOptions = {}
): GradientTransformation<HeavyBallState> => {
  const { momentum, accumulatorDtype } = withDefaults<Required<HeavyBallOptions>>('heavyBall', options, {
    momentum: 0.9,
    accumulatorDtype: undefined
  })
  check('heavyBall', { momentum }, inClosedUnitInterval)

  return withOrigin(
    ['heavyBall', learningRate, { ...options }],
    chain(scaleByLearningRate(learningRate), trace(momentum, { accumulatorDtype }))
  )
}
