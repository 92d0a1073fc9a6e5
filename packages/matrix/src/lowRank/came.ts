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
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type ScaleByCameOptions, type ScaleByCameState, scaleByCame } from './scaleByCame.js'

/** Options of {@link came}: those of `scaleByCame`, and weight decay. */
export interface CameOptions<P = Tree<Leaf>, M = never> extends ScaleByCameOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link came}. */
export type CameState = readonly [ScaleByCameState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * CAME: Adafactor guided by confidence, in the memory of momentum alone.
 *
 *     chain(scaleByCame(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * The paper's learning rate is 2e-4.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = came(2e-4)
 * const [u] = tx.update({ b: 3 }, tx.init({ b: 0 }), { b: 0 })
 * u.b.toFixed(6) // => '-0.000020'
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Luo et al. (2023), CAME: Confidence-guided Adaptive Memory Efficient Optimization,
 * {@link https://arxiv.org/abs/2307.02047}
 */
export const came = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: CameOptions<P, M> = {}
): GradientTransformation<CameState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<CameOptions<P, M>>>('came', options, {
    b1: 0.9,
    b2: 0.999,
    b3: 0.9999,
    eps1: 1e-30,
    eps2: 1e-16,
    clipThreshold: 1,
    weightDecay: 0,
    mask: true
  })
  check('came', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['came', learningRate, { ...options }],
    chain(scaleByCame(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
