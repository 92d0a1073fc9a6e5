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
import { KRON } from '../internal/kronDefaults.js'
import { type ScaleByKronOptions, type ScaleByKronState, scaleByKron } from './scaleByKron.js'

/** Options of {@link psgdKron}: those of `scaleByKron`, and weight decay; the key must be given. */
export interface PsgdKronOptions<P = Tree<Leaf>, M = never> extends ScaleByKronOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link psgdKron}. */
export type PsgdKronState = readonly [ScaleByKronState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * PSGD with Kronecker factors, as timm's `kron`.
 *
 *     chain(scaleByKron(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * timm's learning rate is 1e-3 by default.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = psgdKron(1e-3, { key: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * const grads = { w: ndarray(new Float64Array([3, 0, 0, 0.1]), [2, 2]), b: -0.5 }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.b > 0 // => true
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; one of a part in the name of the part.
 * @see Li (2022), Black Box Lie Group Preconditioners for SGD, {@link https://arxiv.org/abs/2211.04422}
 */
export const psgdKron = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: PsgdKronOptions<P, M>
): GradientTransformation<PsgdKronState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<PsgdKronOptions<P, M>>>('psgdKron', options, {
    ...KRON,
    weightDecay: 0,
    mask: true
  })
  check('psgdKron', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['psgdKron', learningRate, { ...options }],
    chain(scaleByKron(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
