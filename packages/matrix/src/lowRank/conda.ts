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
import { type ScaleByCondaOptions, type ScaleByCondaState, scaleByConda } from './scaleByConda.js'

/** Options of {@link conda}: those of `scaleByConda`, and weight decay. */
export interface CondaOptions<P = Tree<Leaf>, M = never> extends ScaleByCondaOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link conda}. */
export type CondaState = readonly [ScaleByCondaState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Conda: AdamW in the singular vectors of the momentum, on the shorter side of each matrix.
 *
 *     chain(scaleByConda(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * The program of the authors decays the params after a step in place of before, a difference of α² λ u.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the program of the authors has 1e-3.
 *
 * @example
 * const tx = conda(0.5)
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const [u] = tx.update({ w: ndarray(new Float64Array([3, 0, 0, -4]), [2, 2]) }, tx.init(params), params)
 * u.w.data // => Float64Array [-0.49…, -0, -0, 0.49…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Wang et al. (2025), {@link https://arxiv.org/abs/2509.24218}
 */
export const conda = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: CondaOptions<P, M> = {}
): GradientTransformation<CondaState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<CondaOptions<P, M>>>('conda', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    updateProjGap: 2000,
    scale: 1,
    weightDimensionNumbers: undefined,
    weightDecay: 0,
    mask: true
  })
  check('conda', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['conda', learningRate, { ...options }],
    chain(scaleByConda(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
