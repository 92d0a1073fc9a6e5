import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type SgdState as RuleState, sgd as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { around, type CommonOptions, NONE, type State } from './internal/form.js'

/** Options of {@link sgd}. */
export interface SgdOptions extends CommonOptions {
  /** Decay rate β of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
}

/** State of {@link sgd}. */
export type SgdState = State<RuleState>

/**
 * Keras's `SGD`.
 *
 *     sgd(learningRate, { momentum, nesterov, lrPlacement: 'inside' })
 *
 * The learning rate goes into the momentum: a step keeps the rate it was taken with, where PyTorch's schedulers rescale what was
 * gathered before. A weight decay does not go through the momentum.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-2` by default.
 *
 * @example
 * const tx = keras.sgd(0.5, { momentum: 0.5 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3 }
 * step(tx, { w: 2 }, state, next)[0] // => { w: 1.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/sgd/}
 */
export const sgd = (
  learningRate: ScalarOrSchedule = 1e-2,
  options: SgdOptions = {}
): GradientTransformation<SgdState> => {
  const { momentum, nesterov, ...common } = withDefaults<Required<SgdOptions>>('keras.sgd', options, {
    momentum: 0,
    nesterov: false,
    ...NONE
  })
  const kept = momentum === 0 ? undefined : momentum
  return withOrigin(
    ['keras.sgd', learningRate, { ...options }],
    around('keras.sgd', learningRate, common, (rate) => rule(rate, { momentum: kept, nesterov, lrPlacement: 'inside' }))
  )
}
