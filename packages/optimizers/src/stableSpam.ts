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
  type ScaleByStableSpamOptions,
  type ScaleByStableSpamState,
  scaleByLearningRate,
  scaleByStableSpam
} from '@gradchain/transforms'

/** Options of {@link stableSpam}: those of `scaleByStableSpam`, and the weight decay. */
export interface StableSpamOptions<P = Tree<Leaf>, M = never> extends ScaleByStableSpamOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Stable-SPAM runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link stableSpam}. */
export type StableSpamState = readonly [ScaleByStableSpamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Stable-SPAM: Adam for gradients with spikes, with decoupled weight decay.
 *
 *     chain(
 *       scaleByStableSpam({ b1, b2, gamma1, gamma2, theta, resetPeriod, eps, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * Laws: with weightDecay 0 odd in the gradient, and each leaf is treated as if it were alone; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the program of the authors has 1e-3.
 *
 * @example
 * const tx = stableSpam(0.5, { eps: 0, weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0].w.toFixed(2) // => '5.50'
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Huang et al. (2025), Stable-SPAM: How to Train in 4-Bit More Stably than 16-Bit Adam,
 * {@link https://arxiv.org/abs/2502.17055}
 */
export const stableSpam = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: StableSpamOptions<P, M> = {}
): GradientTransformation<StableSpamState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<StableSpamOptions<P, M>>>('stableSpam', options, {
    b1: 0.9,
    b2: 0.999,
    gamma1: 0.7,
    gamma2: 0.9,
    theta: 0.999,
    resetPeriod: 1000,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('stableSpam', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['stableSpam', learningRate, { ...options }],
    chain(scaleByStableSpam(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
