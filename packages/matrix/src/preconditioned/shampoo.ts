import {
  boolean,
  chain,
  check,
  type GradientTransformation,
  inUnitInterval,
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
  scaleByLearningRate,
  type TraceState,
  trace
} from '@gradchain/transforms'
import { type ScaleByShampooOptions, type ScaleByShampooState, scaleByShampoo } from './scaleByShampoo.js'

/** Options of {@link shampoo}: those of `scaleByShampoo`, momentum and weight decay. */
export interface ShampooOptions<P = Tree<Leaf>, M = never> extends ScaleByShampooOptions {
  /** Decay rate of the momentum of the updates, in `[0, 1)`. @defaultValue `0` */
  readonly momentum?: number
  /** Whether the momentum looks one step ahead. @defaultValue `false` */
  readonly nesterov?: boolean
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link shampoo}. */
export type ShampooState = readonly [ScaleByShampooState, TraceState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Shampoo: AdaGrad with a matrix for each axis.
 *
 *     chain(
 *       scaleByShampoo(…),
 *       trace(momentum, { nesterov }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * As it is used at scale: `shampoo(1e-3, { b2: 0.999, grafting: 'rmsprop', momentum: 0.9, refreshEvery: 20, mergeDims: true })`.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = shampoo(0.1, { matrixEps: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const [u] = tx.update({ w: ndarray(new Float64Array([4, 0, 0, 9]), [2, 2]) }, tx.init(params), params)
 * u.w.data // => Float64Array [-0.09…, -0, -0, -0.1]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Gupta, Koren and Singer (2018), {@link https://arxiv.org/abs/1802.09568}
 */
export const shampoo = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: ShampooOptions<P, M> = {}
): GradientTransformation<ShampooState> => {
  const chosen = withDefaults<Required<ShampooOptions<P, M>>>('shampoo', options, {
    b2: 1,
    exponent: undefined,
    matrixEps: 1e-6,
    eps: 1e-10,
    blockSize: 1024,
    refreshEvery: 1,
    grafting: 'none',
    graftingB2: 0.999,
    mergeDims: false,
    precondition1d: false,
    weightDimensionNumbers: undefined,
    momentum: 0,
    nesterov: false,
    weightDecay: 0,
    mask: true
  })
  const { momentum, nesterov, weightDecay, mask, ...rest } = chosen
  check('shampoo', { momentum }, inUnitInterval)
  check('shampoo', { nesterov }, boolean)
  check('shampoo', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['shampoo', learningRate, { ...options }],
    chain(
      scaleByShampoo(rest),
      trace(momentum, { nesterov }),
      addDecayedWeights(weightDecay, { mask }),
      scaleByLearningRate(learningRate)
    )
  )
}
