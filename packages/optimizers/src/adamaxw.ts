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
  type ScaleByAdamaxOptions,
  type ScaleByAdamaxState,
  type ScaleByScheduleState,
  scaleByAdamax,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adamaxw}: those of `scaleByAdamax`, and the weight decay. */
export interface AdamaxwOptions<P = Tree<Leaf>, M = never> extends ScaleByAdamaxOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `1e-4` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Adamax runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adamaxw}. */
export type AdamaxwState = readonly [ScaleByAdamaxState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Adamax with decoupled weight decay.
 *
 *     chain(
 *       scaleByAdamax({ b1, b2, eps, epsInMax, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the update â of `scaleByAdamax`, the param p and the learning rate α, at step t = 1, 2, …:
 *
 *     uₜ = −α(t − 1) (â + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 it is {@link adamax}; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamaxw(0.5, { weightDecay: 0.5, eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Loshchilov and Hutter (2017), Decoupled Weight Decay Regularization, section 3, {@link https://arxiv.org/abs/1711.05101}
 * @see adamax
 */
export const adamaxw = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdamaxwOptions<P, M> = {}
): GradientTransformation<AdamaxwState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdamaxwOptions<P, M>>>('adamaxw', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsInMax: true,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 1e-4,
    mask: true
  })
  check('adamaxw', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adamaxw', learningRate, { ...options }],
    chain(scaleByAdamax(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
