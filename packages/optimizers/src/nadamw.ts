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
  type ScaleByNadamOptions,
  type ScaleByNadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByNadam
} from '@gradchain/transforms'

/** Options of {@link nadamw}: those of `scaleByNadam`, and the weight decay. */
export interface NadamwOptions<P = Tree<Leaf>, M = never> extends ScaleByNadamOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `1e-4` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; NAdam runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link nadamw}. */
export type NadamwState = readonly [ScaleByNadamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * NAdam with decoupled weight decay.
 *
 *     chain(
 *       scaleByNadam({ b1, b2, eps, epsRoot, muDtype, nuDtype, momentumDecay, epsPlacement }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the update â of `scaleByNadam`, the param p and the learning rate α, at step t = 1, 2, …:
 *
 *     uₜ = −α(t − 1) (â + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 it is {@link nadam}; without momentumDecay it is
 * `adamw(learningRate, { nesterov: true })`; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = nadamw(0.5, { b1: 0, weightDecay: 0.5, eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Loshchilov and Hutter (2017), section 3, {@link https://arxiv.org/abs/1711.05101}
 * @see nadam
 */
export const nadamw = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: NadamwOptions<P, M> = {}
): GradientTransformation<NadamwState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<NadamwOptions<P, M>>>('nadamw', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    momentumDecay: undefined,
    epsPlacement: 'outside',
    weightDecay: 1e-4,
    mask: true
  })
  check('nadamw', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['nadamw', learningRate, { ...options }],
    chain(scaleByNadam(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
