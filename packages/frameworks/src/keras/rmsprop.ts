import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type RmspropState as RuleState, rmsprop as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { around, type CommonOptions, NONE, type State } from './internal/form.js'

/** Options of {@link rmsprop}. */
export interface RmspropOptions extends CommonOptions {
  /** Decay rate of the mean square, in `[0, 1)`. @defaultValue `0.9` */
  readonly rho?: number
  /** Decay rate of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Added inside the root, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
  /** Whether to divide by the standard deviation in place of the root mean square. @defaultValue `false` */
  readonly centered?: boolean
}

/** State of {@link rmsprop}. */
export type RmspropState = State<RuleState>

/**
 * Keras's `RMSprop`.
 *
 *     rmsprop(learningRate, { decay: rho, eps: epsilon, centered, momentum })
 *
 * epsilon is inside the root, PyTorch's outside; the mean reaches back a tenth as far; the learning rate goes into the momentum,
 * PyTorch's acts on all of it. The mean square is not corrected, so that the first step is 3.2 α.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.rmsprop()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.996… }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/rmsprop/}
 */
export const rmsprop = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: RmspropOptions = {}
): GradientTransformation<RmspropState> => {
  const { rho, momentum, epsilon, centered, ...common } = withDefaults<Required<RmspropOptions>>(
    'keras.rmsprop',
    options,
    { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false, ...NONE }
  )
  const kept = momentum === 0 ? undefined : momentum
  return withOrigin(
    ['keras.rmsprop', learningRate, { ...options }],
    around('keras.rmsprop', learningRate, common, (rate) =>
      rule(rate, { decay: rho, eps: epsilon, centered, momentum: kept })
    )
  )
}
