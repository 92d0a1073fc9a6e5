import {
  boolean,
  chain,
  check,
  type GradientTransformation,
  nonNegative,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type RmspropState, rmsprop } from '@gradchain/optimizers'
import { mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import { type AddDecayedWeightsState, addDecayedWeights, cautious } from '@gradchain/transforms'
import type { CautionOptions } from './internal/caution.js'

/** Options of {@link rmsproptf}. */
export interface RmsproptfOptions extends CautionOptions {
  /** Decay rate of the mean square, in `[0, 1)`. @defaultValue `0.9` */
  readonly alpha?: number
  /** Added inside the root, finite and ≥ 0. @defaultValue `1e-10` */
  readonly eps?: number
  /** Share λ of the params that is added to the gradient, or taken off where it is decoupled; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Decay rate β of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Whether the decay acts on the params, times the learning rate, rather than on the gradient. @defaultValue `false` */
  readonly decoupledDecay?: boolean
  /** Whether the learning rate goes into the momentum or acts on all of it. @defaultValue `true` */
  readonly lrInMomentum?: boolean
}

/** State of {@link rmsproptf}. */
export type RmsproptfState = readonly [AddDecayedWeightsState, RmspropState, AddDecayedWeightsState]

/**
 * timm's `RMSpropTF`: RMSprop as TensorFlow 1 had it.
 *
 *     rmsprop(learningRate, { decay: alpha, eps, initialScale: 1, momentum, lrPlacement: 'inside' })
 *
 * The mean square begins at 1, which is a warmup: the first steps are about the learning rate times the gradient. eps is inside the root, and so small that a
 * momentum long at rest may leap. Without momentum caution does nothing.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-2` by default.
 *
 * @example
 * const tx = timm.rmsproptf()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.994… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const rmsproptf = (
  learningRate: ScalarOrSchedule = 1e-2,
  options: RmsproptfOptions = {}
): GradientTransformation<RmsproptfState> => {
  const owner = 'timm.rmsproptf'
  const { alpha, eps, weightDecay, momentum, decoupledDecay, lrInMomentum, caution } = withDefaults<
    Required<RmsproptfOptions>
  >(owner, options, {
    alpha: 0.9,
    eps: 1e-10,
    weightDecay: 0,
    momentum: 0,
    decoupledDecay: false,
    lrInMomentum: true,
    caution: false
  })
  check(owner, { weightDecay }, orSchedule(nonNegative))
  check(owner, { decoupledDecay, lrInMomentum, caution }, boolean)
  const rule = rmsprop(learningRate, {
    decay: alpha,
    eps,
    initialScale: 1,
    momentum: momentum === 0 ? undefined : momentum,
    lrPlacement: lrInMomentum ? 'inside' : 'outside'
  })
  return withOrigin(
    ['timm.rmsproptf', learningRate, { ...options }],
    chain(
      addDecayedWeights(decoupledDecay ? 0 : weightDecay),
      caution && momentum !== 0 ? cautious(rule) : rule,
      addDecayedWeights(decoupledDecay ? mulSchedules(-1, weightDecay, learningRate) : 0)
    )
  )
}
