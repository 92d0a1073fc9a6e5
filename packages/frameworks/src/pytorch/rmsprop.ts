import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type RmspropState as RuleState, rmsprop as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link rmsprop}. */
export interface RmspropOptions extends CommonOptions {
  /** Decay rate of the mean square, in `[0, 1)`. @defaultValue `0.99` */
  readonly alpha?: number
  /** Added to the root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Decay rate of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Whether to divide by the standard deviation in place of the root mean square. @defaultValue `false` */
  readonly centered?: boolean
}

/** State of {@link rmsprop}. */
export type RmspropState = State<RuleState>

/**
 * PyTorch's `torch.optim.RMSprop`.
 *
 *     chain(
 *       addDecayedWeights(weightDecay),
 *       rmsprop(learningRate, { decay: alpha, eps, epsInSqrt: false, centered, momentum, lrPlacement: 'outside' })
 *     )
 *
 * The mean reaches back ten times as far as in Optax, Keras and TensorFlow.js, whose default is 0.9; it starts at 0 and is not corrected, so that the
 * first step is 10 α. eps is outside the root, theirs inside; the learning rate acts on the momentum, theirs on what goes into it.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-2` by default.
 *
 * @example
 * const tx = pytorch.rmsprop()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.900… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html}
 */
export const rmsprop = (
  learningRate: ScalarOrSchedule = 1e-2,
  options: RmspropOptions = {}
): GradientTransformation<RmspropState> => {
  const { alpha, eps, momentum, centered, ...common } = withDefaults<Required<RmspropOptions>>(
    'pytorch.rmsprop',
    options,
    { alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, maximize: false }
  )
  const kept = momentum === 0 ? undefined : momentum
  return withOrigin(
    ['pytorch.rmsprop', learningRate, { ...options }],
    withPenalty(
      'pytorch.rmsprop',
      common,
      rule(learningRate, { decay: alpha, eps, epsInSqrt: false, centered, momentum: kept, lrPlacement: 'outside' })
    )
  )
}
