import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type SgdState as RuleState, sgd as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link sgd}. */
export interface SgdOptions extends CommonOptions {
  /** Decay rate β of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Share of each gradient after the first that the momentum leaves out, in `[0, 1]`. @defaultValue `0` */
  readonly dampening?: number
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
}

/** State of {@link sgd}. */
export type SgdState = State<RuleState>

/**
 * PyTorch's `torch.optim.SGD`.
 *
 *     chain(addDecayedWeights(weightDecay), sgd(learningRate, { momentum, dampening, nesterov }))
 *
 * The learning rate acts on the whole momentum, so that a scheduler rescales steps that were taken before: Keras keeps the rate they
 * were taken with. The first gradient is never dampened.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = pytorch.sgd(0.5, { momentum: 0.5 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3 }
 * step(tx, { w: 2 }, state, next)[0] // => { w: 1.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for dampening with nesterov; one of a part in the
 * name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html}
 */
export const sgd = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: SgdOptions = {}
): GradientTransformation<SgdState> => {
  const { momentum, dampening, nesterov, ...common } = withDefaults<Required<SgdOptions>>('pytorch.sgd', options, {
    momentum: 0,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    maximize: false
  })
  const kept = momentum === 0 ? undefined : momentum
  return withOrigin(
    ['pytorch.sgd', learningRate, { ...options }],
    withPenalty('pytorch.sgd', common, rule(learningRate, { momentum: kept, dampening, nesterov }))
  )
}
