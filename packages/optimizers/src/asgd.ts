import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  nonNegative,
  nonNegativeInteger,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByScheduleState,
  type SwaState,
  scaleByLearningRate,
  swa
} from '@gradchain/transforms'

/** Options of {@link asgd}. */
export interface AsgdOptions {
  /** Decay λ of the params and of the learning rate, finite and ≥ 0. @defaultValue `1e-4` */
  readonly lambd?: number
  /** Power a by which the learning rate falls, finite and ≥ 0. @defaultValue `0.75` */
  readonly alpha?: number
  /** How many steps there are before averaging, a whole number ≥ 0. @defaultValue `1e6` */
  readonly t0?: number
  /** The dtype in which the average is kept. @defaultValue that of the params, float32 where they are 16-bit */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link asgd}. */
export type AsgdState = SwaState<readonly [AddDecayedWeightsState, ScaleByScheduleState]>

/**
 * Averaged SGD: gradient descent with a learning rate that falls, and the mean of its params, which `averagedParams` reads.
 *
 *     swa(
 *       chain(addDecayedWeights(lambd), scaleByLearningRate((t) => learningRate / (1 + lambd * learningRate * t) ** alpha)),
 *       { start: t0 + 2, accumulatorDtype }
 *     )
 *
 * Elementwise, for the gradient g at step t = 1, 2, …, the param p and the learning rate α:
 *
 *     ηₜ = α(t − 1) / (1 + λ α(t − 1) (t − 1))ᵃ
 *     uₜ = −ηₜ (g + λ p)
 *     ā = p + u until step t₀ + 2, then the mean of the params after step t₀ + 2 and all later ones
 *
 * These are the numbers of PyTorch, whose `weight_decay` is `addDecayedWeights` before it. Where the learning rate changes, PyTorch
 * takes each step with the rate of the step before.
 *
 * Laws: elementwise; with lambd 0 it is `sgd(learningRate)`; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = asgd(0.5, { lambd: 0, t0: 0 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (let t = 1; t <= 4; t++) [params, state] = step(tx, { w: 2 }, state, params)
 * params // => { w: 4 }
 * averagedParams(state, params) // => { w: 5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Polyak and Juditsky (1992), Acceleration of Stochastic Approximation by Averaging, {@link https://doi.org/10.1137/0330046}
 */
export const asgd = (learningRate: ScalarOrSchedule, options: AsgdOptions = {}): GradientTransformation<AsgdState> => {
  const { lambd, alpha, t0, accumulatorDtype } = withDefaults<Required<AsgdOptions>>('asgd', options, {
    lambd: 1e-4,
    alpha: 0.75,
    t0: 1e6,
    accumulatorDtype: undefined
  })
  check('asgd', { learningRate }, orSchedule(nonNegative))
  check('asgd', { lambd, alpha }, nonNegative)
  check('asgd', { t0 }, nonNegativeInteger)
  const rateAt = asSchedule(learningRate)
  const falling = (t: number): number => {
    const rate = rateAt(t)
    return rate / pow(1 + lambd * rate * t, alpha)
  }

  return withOrigin(
    ['asgd', learningRate, { ...options }],
    swa(chain(addDecayedWeights(lambd), scaleByLearningRate(falling)), { start: t0 + 2, accumulatorDtype })
  )
}
