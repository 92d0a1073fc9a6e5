import {
  type AnyGradientTransformation,
  chain,
  check,
  type ExtraOf,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  type StateOf,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type Mask,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type ScaleByGaloreOptions, type ScaleByGaloreState, scaleByGalore } from './scaleByGalore.js'

/** Options of {@link galore}: those of `scaleByGalore`, and weight decay. */
export interface GaloreOptions<
  T extends AnyGradientTransformation = GradientTransformation<ScaleByAdamState>,
  P = Tree<Leaf>,
  M = never
> extends ScaleByGaloreOptions<T> {
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link galore}. */
export type GaloreState<S> = readonly [ScaleByGaloreState<S>, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * GaLore: Adam for matrices in the few directions in which their gradients are largest.
 *
 *     chain(scaleByGalore(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = galore(0.1, { rank: 1 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * const [u] = tx.update({ w: ndarray(new Float64Array([5, 0, 0, 1]), [2, 2]), b: 2 }, tx.init(params), params)
 * u // => { w: { dtype: 'float64', shape: [2, 2], data: Float64Array [-0.09…, -0, -0, -0] }, b: -0.09… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Zhao et al. (2024), GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection,
 * {@link https://arxiv.org/abs/2403.03507}
 */
export const galore = <
  T extends AnyGradientTransformation = GradientTransformation<ScaleByAdamState>,
  P = Tree<Leaf>,
  const M = never
>(
  learningRate: ScalarOrSchedule,
  options: GaloreOptions<T, P, M> = {}
): GradientTransformation<GaloreState<StateOf<T>>, ExtraOf<T>> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<GaloreOptions<T, P, M>>>('galore', options, {
    rank: 128,
    updateProjGap: 200,
    scale: 1,
    baseOptimizer: undefined,
    projection: 'long',
    weightDimensionNumbers: undefined,
    weightDecay: 0,
    mask: true
  })
  check('galore', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['galore', learningRate, { ...options }],
    chain(scaleByGalore(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
