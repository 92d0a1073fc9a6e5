import {
  chain,
  check,
  type DType,
  type EmptyState,
  type GradientTransformation,
  inUnitInterval,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type EmaState, ema, type ScaleByScheduleState, scaleByLearningRate, scaleBySign } from '@gradchain/transforms'

/** Options of {@link signum}. */
export interface SignumOptions {
  /** Decay rate β of the mean of past gradients, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta?: number
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link signum}. */
export type SignumState = readonly [EmaState, EmptyState, ScaleByScheduleState]

/**
 * Gradient descent by the signs of a running mean of the gradients.
 *
 *     chain(ema(beta, { debias: false, accumulatorDtype }), scaleBySign(), scaleByLearningRate(learningRate))
 *
 * Elementwise, for the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g
 *     uₜ = −α(t − 1) sign(mₜ)
 *
 * Laws: elementwise; odd in the history of gradients; blind to its scale; |u| ≤ α; with beta 0 it is {@link signSgd}; a learning
 * rate that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = signum(0.5, { beta: 0.5 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 100 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: -1 }, state, next)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Bernstein et al. (2018), algorithm 2, {@link https://arxiv.org/abs/1802.04434}
 */
export const signum = (
  learningRate: ScalarOrSchedule,
  options: SignumOptions = {}
): GradientTransformation<SignumState> => {
  const { beta, accumulatorDtype } = withDefaults<Required<SignumOptions>>('signum', options, {
    beta: 0.9,
    accumulatorDtype: undefined
  })
  check('signum', { beta }, inUnitInterval)

  return withOrigin(
    ['signum', learningRate, { ...options }],
    chain(ema(beta, { debias: false, accumulatorDtype }), scaleBySign(), scaleByLearningRate(learningRate))
  )
}
