import {
  chain,
  check,
  type GradientTransformation,
  inUnitInterval,
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
  scaleByLearningRate,
  type TraceState,
  trace
} from '@gradchain/transforms'
import { type KfacExtra, type ScaleByKfacOptions, type ScaleByKfacState, scaleByKfac } from './scaleByKfac.js'

/** Options of {@link kfac}: those of `scaleByKfac`, momentum and weight decay; the layers must be given. */
export interface KfacOptions<P = Tree<Leaf>, M = never> extends ScaleByKfacOptions {
  /** Decay rate of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link kfac}. */
export type KfacState = readonly [ScaleByKfacState, TraceState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * K-FAC with momentum: the natural gradient of each layer, as if inputs and output gradients were independent.
 *
 *     chain(scaleByKfac(…), trace(momentum), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * Leaves of no layer are descended plainly; `partition` gives them to another optimizer.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = kfac(1, { layers: { dense: { kernel: '.w' } }, damping: 0, momentum: 0 })
 * const params = { w: ndarray(new Float64Array(1), [1, 1]) }
 * const inputs = ndarray(new Float64Array([2, 2]), [2, 1])
 * const outputGrads = ndarray(new Float64Array([1, 1]), [2, 1])
 * const grads = { w: ndarray(new Float64Array([8]), [1, 1]) }
 * const [u] = tx.update(grads, tx.init(params), params, { layers: { dense: { inputs, outputGrads } } })
 * u.w.data // => Float64Array [-2]
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; one of a part in the name of the part.
 * @see Martens and Grosse (2015), Optimizing Neural Networks with Kronecker-factored Approximate Curvature,
 * {@link https://arxiv.org/abs/1503.05671}
 */
export const kfac = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: KfacOptions<P, M>
): GradientTransformation<KfacState, KfacExtra> => {
  const { momentum, weightDecay, mask, ...rest } = withDefaults<Required<KfacOptions<P, M>>>('kfac', options, {
    layers: required,
    damping: 1e-3,
    decay: 0.95,
    refreshEvery: 1,
    tikhonov: true,
    momentum: 0.9,
    weightDecay: 0,
    mask: true
  })
  check('kfac', { momentum }, inUnitInterval)
  check('kfac', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['kfac', learningRate, { ...options }],
    chain(
      scaleByKfac(rest),
      trace(momentum),
      addDecayedWeights(weightDecay, { mask }),
      scaleByLearningRate(learningRate)
    )
  )
}
