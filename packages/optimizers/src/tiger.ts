import {
  chain,
  check,
  type DType,
  type EmptyState,
  type GradientTransformation,
  inUnitInterval,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type EmaState,
  ema,
  type Mask,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleBySign
} from '@gradchain/transforms'

/** Options of {@link tiger}. */
export interface TigerOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β of the mean of past gradients, in `[0, 1)`. @defaultValue `0.965` */
  readonly beta?: number
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Tiger runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link tiger}. */
export type TigerState = readonly [EmaState, EmptyState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Tiger: steps by the signs of a mean of the gradients, with decoupled weight decay. It is Lion with one decay rate for both of its means.
 *
 *     chain(
 *       ema(beta, { debias: false, accumulatorDtype }),
 *       scaleBySign(),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * Elementwise, for the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g
 *     uₜ = −α(t − 1) (sign(mₜ) + λ(t − 1) p)
 *
 * Its author halves the learning rate of biases and of what scales activations, and lets them not decay: `mask` and `scaleByLabel`.
 *
 * Laws: elementwise; with weightDecay 0 odd in the history of gradients, blind to its scale, and {@link signum}; with
 * b1 = b2 = beta {@link lion} gives the same; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = tiger(0.5, { weightDecay: 0.25 })
 * const params = { w: 4 }
 * step(tx, { w: 100 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Su (2023), Tiger: A Tight-fisted Optimizer, {@link https://github.com/bojone/tiger}
 */
export const tiger = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: TigerOptions<P, M> = {}
): GradientTransformation<TigerState> => {
  const { beta, accumulatorDtype, weightDecay, mask } = withDefaults<Required<TigerOptions<P, M>>>('tiger', options, {
    beta: 0.965,
    accumulatorDtype: undefined,
    weightDecay: 0.01,
    mask: true
  })
  check('tiger', { beta }, inUnitInterval)
  check('tiger', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['tiger', learningRate, { ...options }],
    chain(
      ema(beta, { debias: false, accumulatorDtype }),
      scaleBySign(),
      addDecayedWeights(weightDecay, { mask }),
      scaleByLearningRate(learningRate)
    )
  )
}
