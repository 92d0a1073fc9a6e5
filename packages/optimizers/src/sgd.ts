import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  oneOf,
  restated,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByScheduleState, scaleByLearningRate, type TraceState } from '@gradchain/transforms'
import { momentumTrace } from './internal/momentum.js'

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** Decay rate β of the momentum, in `[0, 1]`; without it there is none. @defaultValue `undefined` */
  readonly momentum?: number | undefined
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
  /**
   * Share δ of each gradient after the first that the momentum leaves out, in `[0, 1]`; PyTorch's option, not to be had with
   * nesterov. @defaultValue `0`
   */
  readonly dampening?: number
  /**
   * Whether the learning rate is applied to the momentum, `'outside'`, as in Optax and PyTorch, or to each gradient before it,
   * `'inside'`, as in Keras. @defaultValue `'outside'`
   */
  readonly lrPlacement?: 'outside' | 'inside'
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link sgd}, wherever the learning rate is placed. Without momentum its trace is `null`, an empty tree. */
export type SgdState = readonly [TraceState, ScaleByScheduleState]

/**
 * Stochastic gradient descent, with momentum when asked for.
 *
 *     chain(trace(momentum, { nesterov, dampening, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * or the two the other way round when lrPlacement is 'inside'. For the gradient g at step t = 1, 2, …, the learning rate α, the
 * momentum β and the dampening δ, from τ₀ = 0:
 *
 *     τₜ = (1 − δ) g + β τₜ₋₁      τ₁ = g
 *     uₜ = −α(t − 1) τₜ            (−α(t − 1) (g + β τₜ) when nesterov)
 *
 * and with the learning rate inside, where a step once taken keeps the rate it was taken with:
 *
 *     τₜ = −(1 − δ) α(t − 1) g + β τₜ₋₁      τ₁ = −α(0) g
 *     uₜ = τₜ                                (−α(t − 1) g + β τₜ when nesterov)
 *
 * The state has one type. Without momentum no trace is kept, τₜ = g, and `null` stands in its place.
 *
 * Laws: elementwise; linear in the history of gradients; without momentum, and with momentum 0, u = −α g; a learning rate
 * that is a number is its constant schedule, and then it does not matter where it is placed, up to rounding.
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
 * @throws InvalidOption at construction, when an option is outside its range, and for dampening with nesterov.
 * @see Sutskever et al. (2013), On the importance of initialization and momentum in deep learning, sections 2 and 3,
 * {@link https://proceedings.mlr.press/v28/sutskever13.html}
 * @see heavyBall
 */
export const sgd = (learningRate: ScalarOrSchedule, options: SgdOptions = {}): GradientTransformation<SgdState> => {
  const { momentum, lrPlacement, ...rest } = withDefaults<Required<SgdOptions>>('sgd', options, {
    momentum: undefined,
    nesterov: false,
    dampening: 0,
    lrPlacement: 'outside',
    accumulatorDtype: undefined
  })
  check('sgd', { lrPlacement }, oneOf('outside', 'inside'))
  const kept = momentumTrace('sgd', momentum, rest)
  const rate = scaleByLearningRate(learningRate)

  if (lrPlacement === 'outside') return withOrigin(['sgd', learningRate, { ...options }], chain(kept, rate))
  // Which of the two acts first is not to be seen in the state.
  return withOrigin(
    ['sgd', learningRate, { ...options }],
    restated(
      'sgd',
      chain(rate, kept),
      ([a, b]) => [b, a] as const,
      ([b, a]) => [a, b] as const
    )
  )
}
