import {
  chain,
  check,
  type GradientTransformation,
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
  type Mask,
  type ScaleByCocobOptions,
  type ScaleByCocobState,
  type ScaleByScheduleState,
  scaleByCocob,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link cocob}: those of `scaleByCocob`, and a weight decay. */
export interface CocobOptions<P = Tree<Leaf>, M = never> extends ScaleByCocobOptions {
  /** Share λ of the params that is added to the gradient, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link cocob}. */
export type CocobState = readonly [AddDecayedWeightsState, ScaleByScheduleState, ScaleByCocobState]

/**
 * COCOB: gradient descent that bets on coins; there is no learning rate to choose.
 *
 *     chain(
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate, { flipSign: false }),
 *       scaleByCocob({ alpha, eps })
 *     )
 *
 * For the gradient g and the param p at step t = 1, 2, …, with h = α(t − 1) (g + λ p), from θ = G = R = 0 and L = eps, with
 * a = alpha:
 *
 *     L ← max(L, |h|)
 *     G ← G + |h|
 *     R ← max(R − h (p − p₀), 0)
 *     θ ← θ − h
 *     u = p₀ + θ / (L max(G + L, a L)) · (L + R) − p
 *
 * The learning rate α multiplies gradients, whose scale the rule does not see: a number changes nothing, a schedule is how much a
 * step counts.
 *
 * Laws: elementwise; odd in gradients and params together; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; 1 by default.
 *
 * @example
 * const tx = cocob(1, { alpha: 4 })
 * const params = { w: [1, 1] }
 * step(tx, { w: [3, -8] }, tx.init(params), params)[0] // => { w: [0.75, 1.25] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Orabona and Tommasi (2017), Training Deep Networks without Learning Rates Through Coin Betting, algorithm 2,
 * {@link https://arxiv.org/abs/1705.07795}
 */
export const cocob = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: CocobOptions<P, M> = {}
): GradientTransformation<CocobState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<CocobOptions<P, M>>>('cocob', options, {
    alpha: 100,
    eps: 1e-8,
    weightDecay: 0,
    mask: true
  })
  check('cocob', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['cocob', learningRate, { ...options }],
    chain(
      addDecayedWeights(weightDecay, { mask }),
      scaleByLearningRate(learningRate, { flipSign: false }),
      scaleByCocob(rest)
    )
  )
}
