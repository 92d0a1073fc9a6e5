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
import { type ScaleByAdamMiniOptions, type ScaleByAdamMiniState, scaleByAdamMini } from './scaleByAdamMini.js'

/** Options of {@link adamMini}: those of `scaleByAdamMini`, and weight decay. */
export interface AdamMiniOptions<P = Tree<Leaf>, M = never> extends ScaleByAdamMiniOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0.1` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adamMini}. */
export type AdamMiniState = readonly [ScaleByAdamMiniState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Adam-mini: AdamW in the memory of momentum, with a second moment for each block of a leaf.
 *
 *     chain(scaleByAdamMini(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * What fits AdamW fits it, learning rate and all.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamMini(0.1, { eps: 0, weightDecay: 0 })
 * const params = { b: new Float64Array(2) }
 * const [u] = tx.update({ b: new Float64Array([7, -1]) }, tx.init(params), params)
 * u.b // => Float64Array [-0.13…, 0.02…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Zhang et al. (2024), Adam-mini: Use Fewer Learning Rates To Gain More, {@link https://arxiv.org/abs/2406.16793}
 */
export const adamMini = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdamMiniOptions<P, M> = {}
): GradientTransformation<AdamMiniState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdamMiniOptions<P, M>>>('adamMini', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    blocks: undefined,
    weightDecay: 0.1,
    mask: true
  })
  check('adamMini', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['adamMini', learningRate, { ...options }],
    chain(scaleByAdamMini(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
