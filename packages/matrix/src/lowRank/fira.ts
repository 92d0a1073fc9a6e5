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
import { type ScaleByFiraOptions, type ScaleByFiraState, scaleByFira } from './scaleByFira.js'

/** Options of {@link fira}: those of `scaleByFira`, and weight decay. */
export interface FiraOptions<P = Tree<Leaf>, M = never> extends ScaleByFiraOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link fira}. */
export type FiraState = readonly [ScaleByFiraState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Fira: AdamW in the few directions in which a gradient is largest, and the rest of the gradient at a length judged by them.
 *
 *     chain(scaleByFira(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * The program of the authors decays the params after a step in place of before, a difference of α² λ u.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the program of the authors has 1e-3.
 *
 * @example
 * const tx = fira(0.5, { rank: 1 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const [u] = tx.update({ w: ndarray(new Float64Array([5, 0, 0, 1]), [2, 2]) }, tx.init(params), params)
 * u.w.data // => Float64Array [-0.49…, -0, -0, -0]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Chen et al. (2024), {@link https://arxiv.org/abs/2410.01623}
 */
export const fira = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: FiraOptions<P, M> = {}
): GradientTransformation<FiraState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<FiraOptions<P, M>>>('fira', options, {
    rank: 128,
    updateProjGap: 200,
    scale: 1,
    maxGrowth: 1.01,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-6,
    weightDimensionNumbers: undefined,
    weightDecay: 0,
    mask: true
  })
  check('fira', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['fira', learningRate, { ...options }],
    chain(scaleByFira(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
