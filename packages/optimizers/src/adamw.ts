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
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'
import type { AdamOptions } from './adam.js'

/** Options of {@link adamw}: those of `scaleByAdam`, and the weight decay. */
export interface AdamwOptions<P = Tree<Leaf>, M = never> extends AdamOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `1e-4` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Adam runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adamw}. */
export type AdamwState = readonly [ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Adam with decoupled weight decay: the params shrink at a rate that the gradients do not see.
 *
 *     chain(
 *       scaleByAdam({ b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the update â of `scaleByAdam`, the param p and the learning rate α, at step t = 1, 2, …:
 *
 *     uₜ = −α(t − 1) (â + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 it is {@link adam}; a number is its constant schedule.
 *
 * Unlike the paper and like Optax and PyTorch, the decay is multiplied by the learning rate and not only by its schedule. The
 * default λ = 1e-4 is Optax's; PyTorch has 1e-2.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamw(0.5, { weightDecay: 0.5, eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Loshchilov and Hutter (2017), algorithm 2, {@link https://arxiv.org/abs/1711.05101}
 */
export const adamw = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdamwOptions<P, M> = {}
): GradientTransformation<AdamwState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AdamwOptions<P, M>>>('adamw', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: false,
    epsPlacement: 'outside',
    weightDecay: 1e-4,
    mask: true
  })
  check('adamw', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adamw', learningRate, { ...options }],
    chain(scaleByAdam(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
