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
import { type ScaleBySoapOptions, type ScaleBySoapState, scaleBySoap } from './scaleBySoap.js'

/** Options of {@link soap}: those of `scaleBySoap`, and weight decay. */
export interface SoapOptions<P = Tree<Leaf>, M = never> extends ScaleBySoapOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which params decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link soap}. */
export type SoapState = readonly [ScaleBySoapState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * SOAP: AdamW in the slowly turning eigenbases of Shampoo's matrices.
 *
 *     chain(scaleBySoap(…), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
 *
 * The reference recommends a learning rate of 3e-3. It has no decay at its first step, and decays the params after a step in place of
 * before, a difference of α² λ u.
 *
 * Laws: it is this chain; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = soap(3e-3, { weightDecay: 0 })
 * const grads = { w: ndarray(new Float64Array([1, 0, 0, 4]), [2, 2]), b: 2 }
 * let params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * let state = tx.init(params)
 * for (let t = 0; t < 2; t++) [params, state] = step(tx, grads, state, params)
 * params.b.toFixed(6) // => '-0.003000'
 * params.w.data // => Float64Array [-0.002…, 0, 0, -0.002…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Vyas et al. (2024), {@link https://arxiv.org/abs/2409.11321}
 */
export const soap = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: SoapOptions<P, M> = {}
): GradientTransformation<SoapState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<SoapOptions<P, M>>>('soap', options, {
    b1: 0.95,
    b2: 0.95,
    eps: 1e-8,
    shampooBeta: undefined,
    preconditionFrequency: 10,
    maxPreconditionerDim: 10_000,
    mergeDims: false,
    precondition1d: false,
    weightDimensionNumbers: undefined,
    weightDecay: 0.01,
    mask: true
  })
  check('soap', { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['soap', learningRate, { ...options }],
    chain(scaleBySoap(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
