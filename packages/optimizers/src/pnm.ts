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
  type ScaleByPnmOptions,
  type ScaleByPnmState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByPnm
} from '@gradchain/transforms'

/** Options of {@link pnm}: those of `scaleByPnm`, and the weight decay. */
export interface PnmOptions<P = Tree<Leaf>, M = never> extends ScaleByPnmOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; PNM runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link pnm}. */
export type PnmState = readonly [ScaleByPnmState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * PNM: gradient descent with positive-negative momentum, with decoupled weight decay.
 *
 *     chain(
 *       scaleByPnm({ b0, b1, accumulatorDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₋₁ = m₀ = 0:
 *
 *     mₜ = β₁² mₜ₋₂ + (1 − β₁²) g
 *     uₜ = −α(t − 1) (((1 + β₀) mₜ − β₀ mₜ₋₁) / √((1 + β₀)² + β₀²) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 linear in the history of gradients; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = pnm(0.5, { b0: 0, b1: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 6.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Xie et al. (2021), algorithm 2, {@link https://arxiv.org/abs/2103.17182}
 */
export const pnm = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: PnmOptions<P, M> = {}
): GradientTransformation<PnmState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<PnmOptions<P, M>>>('pnm', options, {
    b0: 1,
    b1: 0.9,
    accumulatorDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('pnm', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['pnm', learningRate, { ...options }],
    chain(scaleByPnm(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
