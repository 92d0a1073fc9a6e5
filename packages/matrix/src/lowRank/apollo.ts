import {
  chain,
  check,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  required,
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
import { type ScaleByApolloOptions, type ScaleByApolloState, scaleByApollo } from './scaleByApollo.js'

/** Options of {@link apollo}: those of `scaleByApollo`, and weight decay; the key must be given. */
export interface ApolloOptions<P = Tree<Leaf>, M = never> extends ScaleByApolloOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link apollo}. */
export type ApolloState = readonly [ScaleByApolloState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * APOLLO: as good as AdamW for large matrices in nearly the memory of plain descent.
 *
 *     chain(scaleByApollo(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * The reference recommends a learning rate of 1e-2.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = apollo(0.01, { key: 0, rank: 1 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * const [u] = tx.update({ w: ndarray(new Float64Array([1, 0, 0, 0]), [2, 2]), b: 3 }, tx.init(params), params)
 * u.b.toFixed(4) // => '-0.0100'
 * u.w.data // => Float64Array [-0.007…, -0, -0, -0]
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; one of a part in the name of the part.
 * @see Zhu et al. (2024), APOLLO: SGD-like Memory, AdamW-level Performance, {@link https://arxiv.org/abs/2412.05270}
 */
export const apollo = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: ApolloOptions<P, M>
): GradientTransformation<ApolloState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<ApolloOptions<P, M>>>('apollo', options, {
    key: required,
    rank: 256,
    scaleType: 'channel',
    scale: 1,
    updateProjGap: 200,
    projection: 'random',
    maxGrowth: 1.01,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-6,
    weightDimensionNumbers: undefined,
    weightDecay: 0,
    mask: true
  })
  check('apollo', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['apollo', learningRate, { ...options }],
    chain(scaleByApollo(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
