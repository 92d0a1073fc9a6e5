import { chain, type GradientTransformation, type Key, required, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type DifferentiallyPrivateAggregateExtra,
  type DifferentiallyPrivateAggregateState,
  differentiallyPrivateAggregate,
  type ScaleByScheduleState,
  scaleByLearningRate,
  type TraceState
} from '@gradchain/transforms'
import { momentumTrace } from './internal/momentum.js'

/** Options of {@link dpsgd}. */
export interface DpsgdOptions {
  /** The largest norm C of the gradient of an example, ≥ 0; `Infinity` is none, which leaves no room for noise. It must be given. */
  readonly l2NormClip: number
  /** The standard deviation σ of the noise, in units of C; finite and ≥ 0. It must be given. */
  readonly noiseMultiplier: number
  /** Where the noise comes from: a key, or a whole number for the key of that seed. It must be given. */
  readonly key: Key | number
  /** Decay rate β of the momentum, in `[0, 1]`; without it there is none. @defaultValue `undefined` */
  readonly momentum?: number | undefined
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
}

/** State of {@link dpsgd}. Without momentum its trace is `null`, an empty tree. */
export type DpsgdState = readonly [DifferentiallyPrivateAggregateState, TraceState, ScaleByScheduleState]

/**
 * Differentially private stochastic gradient descent: the gradient of each example is shortened, noise is added to their sum.
 *
 *     chain(
 *       differentiallyPrivateAggregate({ l2NormClip, noiseMultiplier, key }),
 *       trace(momentum, { nesterov }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradients gᵢ of B examples at step t = 1, 2, …, C = l2NormClip, σ = noiseMultiplier, ε from the standard normal distribution
 * and the learning rate α, from τ₀ = 0:
 *
 *     hₜ = (Σᵢ gᵢ · min(1, C / ‖gᵢ‖) + C σ ε) / B
 *     τₜ = hₜ + β τₜ₋₁
 *     uₜ = −α(t − 1) τₜ            (−α(t − 1) (hₜ + β τₜ) when nesterov)
 *
 * The gradients of examples are the extra argument; what is handed over as gradients is not looked at.
 *
 * Laws: with σ = 0 and C = ∞ it is `sgd` on the mean gradient; a number is its constant schedule.
 *
 * Unlike in Optax, where it is a seed, the key may be a key.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = dpsgd(0.5, { l2NormClip: 5, noiseMultiplier: 0, key: 0 })
 * const params = { w: new Float32Array(2) }
 * const perExampleGradients = { w: ndarray([0, 2, 30, 40], [2, 2]) }
 * step(tx, params, tx.init(params), params, { perExampleGradients })[0] // => { w: Float32Array [-0.75, -1.5] }
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; one of a part in the name of the part;
 * at update, without gradients of examples; InvalidTree for some that do not fit the params or each other.
 * @see Abadi et al. (2016), Deep Learning with Differential Privacy, algorithm 1, {@link https://arxiv.org/abs/1607.00133}
 */
export const dpsgd = (
  learningRate: ScalarOrSchedule,
  options: DpsgdOptions
): GradientTransformation<DpsgdState, DifferentiallyPrivateAggregateExtra> => {
  const { momentum, nesterov, ...rest } = withDefaults<Required<DpsgdOptions>>('dpsgd', options, {
    // They have no default; differentiallyPrivateAggregate refuses to go without.
    l2NormClip: required,
    noiseMultiplier: required,
    key: required,
    momentum: undefined,
    nesterov: false
  })

  return withOrigin(
    ['dpsgd', learningRate, { ...options }],
    chain(
      differentiallyPrivateAggregate(rest),
      momentumTrace('dpsgd', momentum, { nesterov }),
      scaleByLearningRate(learningRate)
    )
  )
}
