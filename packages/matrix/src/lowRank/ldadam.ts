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
import { type ScaleByLdadamOptions, type ScaleByLdadamState, scaleByLdadam } from './scaleByLdadam.js'

/** Options of {@link ldadam}: those of `scaleByLdadam`, and weight decay. */
export interface LdadamOptions<P = Tree<Leaf>, M = never> extends ScaleByLdadamOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link ldadam}. */
export type LdadamState = readonly [ScaleByLdadamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * LDAdam: AdamW in few directions that turn at every step, which makes up for what they lose.
 *
 *     chain(scaleByLdadam(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * What fits AdamW fits it, learning rate and all.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = ldadam(0.1, { rank: 1 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * const [u] = tx.update({ w: ndarray(new Float64Array([5, 0, 0, 1]), [2, 2]), b: 2 }, tx.init(params), params)
 * u // => { w: { dtype: 'float64', shape: [2, 2], data: Float64Array [-0.09…, -0, -0, -0] }, b: -0.09… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Robert et al. (2024), LDAdam: Adaptive Optimization from Low-Dimensional Gradient Statistics,
 * {@link https://arxiv.org/abs/2410.16103}
 */
export const ldadam = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: LdadamOptions<P, M> = {}
): GradientTransformation<LdadamState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<LdadamOptions<P, M>>>('ldadam', options, {
    rank: 16,
    rho: 0.908,
    b1: 0.908,
    b2: 0.99,
    eps: 1e-8,
    errorFeedback: true,
    weightDimensionNumbers: undefined,
    weightDecay: 0,
    mask: true
  })
  check('ldadam', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['ldadam', learningRate, { ...options }],
    chain(scaleByLdadam(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
