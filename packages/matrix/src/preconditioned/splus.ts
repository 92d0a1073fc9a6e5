import {
  chain,
  check,
  type EmptyState,
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
import { scaleBySides } from './scaleBySides.js'
import { type ScaleBySplusOptions, type ScaleBySplusState, scaleBySplus } from './scaleBySplus.js'

/** Options of {@link splus}: those of `scaleBySplus`, weight decay, and the factor of what is no matrix. */
export interface SplusOptions<P = Tree<Leaf>, M = never> extends ScaleBySplusOptions {
  /** Share λ of the params that is taken off at each step, times α and the factor of the leaf; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
  /** Factor of what is no matrix, or has a side that is too long, finite and > 0. @defaultValue `0.001` */
  readonly otherwise?: number
}

/** State of {@link splus}. */
export type SplusState = readonly [ScaleBySplusState, AddDecayedWeightsState, EmptyState, ScaleByScheduleState]

/**
 * SPlus: signs in the eigenbases of Shampoo's matrices, by a learning rate that does for matrices of all sizes.
 *
 *     chain(scaleBySplus(…), addDecayedWeights(weightDecay, { mask }), scaleBySides(…), scaleByLearningRate(learningRate))
 *
 * The params to evaluate with are an average of those seen, which {@link emaParams} keeps and `averagedParams` reads:
 *
 *     emaParams(splus(0.1), { decay: 0.999 })
 *
 * There are two programs of the authors. In that for Optax the decay is of the params before the step, as here, and what is
 * averaged are these; in that for PyTorch it is of the params after the step, a difference of (α s)² λ u, and what is averaged are
 * these before they decay. The former has the constant also for matrices that are called embed or layernorm: `partition` gives them to another
 * transformation.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the program of the authors has 0.1.
 *
 * @example
 * const tx = splus(0.5, { weightDecay: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * const [u] = tx.update({ w: ndarray(new Float64Array([1, -3, 0, 4]), [2, 2]), b: 2 }, tx.init(params), params)
 * u // => { w: { dtype: 'float64', shape: [2, 2], data: Float64Array [-0.25, 0.25, -0, -0.25] }, b: -0.0005 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Frans, Levine and Abbeel (2025), {@link https://arxiv.org/abs/2506.07254}
 */
export const splus = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: SplusOptions<P, M> = {}
): GradientTransformation<SplusState> => {
  const { weightDecay, mask, otherwise, ...rest } = withDefaults<Required<SplusOptions<P, M>>>('splus', options, {
    b1: 0.9,
    b2: 0.999,
    refreshEvery: 100,
    maxPreconditionerDim: 10_000,
    weightDimensionNumbers: undefined,
    weightDecay: 0.01,
    mask: true,
    otherwise: 0.001
  })
  check('splus', { weightDecay }, orSchedule(nonNegative))
  const { maxPreconditionerDim, weightDimensionNumbers } = rest
  return withOrigin(
    ['splus', learningRate, { ...options }],
    chain(
      scaleBySplus(rest),
      addDecayedWeights(weightDecay, { mask }),
      scaleBySides({ otherwise, maxPreconditionerDim, weightDimensionNumbers }),
      scaleByLearningRate(learningRate)
    )
  )
}
