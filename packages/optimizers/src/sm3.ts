import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByScheduleState, type ScaleBySm3State, scaleByLearningRate, scaleBySm3 } from '@gradchain/transforms'

/** Options of {@link sm3}. */
export interface Sm3Options {
  /** Decay rate β₁ of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Decay rate β₂ of the squares, in `[0, 1]`; 1 sums them up. @defaultValue `1` */
  readonly b2?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the squares and the momentum are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link sm3}. */
export type Sm3State = readonly [ScaleBySm3State, ScaleByScheduleState]

/**
 * SM3: AdaGrad with momentum that keeps only one number for each row and each column of a matrix; for large embeddings.
 *
 *     chain(scaleBySm3({ b1: momentum, b2, eps, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * For each leaf g of the gradient at step t = 1, 2, … and the learning rate α, with accumulators μᵢ for the axes i, from μᵢ = 0 and
 * m₀ = 0:
 *
 *     sₜ = g² + minᵢ μᵢ
 *     μᵢ = the maximum of sₜ over all axes but i
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g / √(sₜ + eps)
 *     uₜ = −α(t − 1) mₜ
 *
 * Laws: each leaf is treated as if it were alone; odd in the gradient; |u| ≤ α; a learning rate that is a number is its constant
 * schedule.
 *
 * Unlike Optax: the learning rate may be a schedule, and arrays of rank 0 are accepted.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = sm3(0.5, { momentum: 0, eps: 0 })
 * const params = { w: [4, 4] }
 * const [next, state] = step(tx, { w: [3, -100] }, tx.init(params), params)
 * next // => { w: [3.5, 4.5] }
 * step(tx, { w: [4, 0] }, state, next)[0] // => { w: [3.1, 4.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Anil et al. (2019), Memory-Efficient Adaptive Optimization, algorithm SM3-II, {@link https://arxiv.org/abs/1901.11150}
 */
export const sm3 = (learningRate: ScalarOrSchedule, options: Sm3Options = {}): GradientTransformation<Sm3State> => {
  const { momentum, ...rest } = withDefaults<Required<Sm3Options>>('sm3', options, {
    momentum: 0.9,
    b2: 1,
    eps: 1e-8,
    accumulatorDtype: undefined
  })
  check('sm3', { momentum }, inUnitInterval)

  return withOrigin(
    ['sm3', learningRate, { ...options }],
    chain(scaleBySm3({ ...rest, b1: momentum }), scaleByLearningRate(learningRate))
  )
}
