import { check, type GradientTransformation, nonNegative, withDefaults, withOrigin } from '@gradchain/core'
import { type AdagradState as RuleState, adagrad as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type CommonOptions, rateAt, type State, withPenalty } from './internal/form.js'

/** Options of {@link adagrad}. */
export interface AdagradOptions extends CommonOptions {
  /** Rate κ at which the learning rate falls, α / (1 + κ t), finite and ≥ 0. @defaultValue `0` */
  readonly lrDecay?: number
  /** The sum of squares before the first update, finite and ≥ 0. @defaultValue `0` */
  readonly initialAccumulatorValue?: number
  /** Added to the root of the sum of squares, finite and ≥ 0. @defaultValue `1e-10` */
  readonly eps?: number
}

/** State of {@link adagrad}. */
export type AdagradState = State<RuleState>

/**
 * PyTorch's `torch.optim.Adagrad`.
 *
 *     chain(
 *       addDecayedWeights(weightDecay),
 *       adagrad((t) => learningRate / (1 + lrDecay * t), { initialAccumulatorValue, eps, epsInSqrt: false })
 *     )
 *
 * The sum of squares begins at 0, in Optax, Keras and TensorFlow.js at 0.1: the first step is the learning rate, whatever the size of the
 * gradient.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-2` by default.
 *
 * @example
 * const tx = pytorch.adagrad(0.5, { eps: 0 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 3 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: 4 }, state, next)[0] // => { w: 3.1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html}
 */
export const adagrad = (
  learningRate: ScalarOrSchedule = 1e-2,
  options: AdagradOptions = {}
): GradientTransformation<AdagradState> => {
  const { lrDecay, initialAccumulatorValue, eps, ...common } = withDefaults<Required<AdagradOptions>>(
    'pytorch.adagrad',
    options,
    { lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, maximize: false }
  )
  check('pytorch.adagrad', { lrDecay }, nonNegative)
  const rate = lrDecay === 0 ? learningRate : rateAt(learningRate, (lr, t) => lr / (1 + lrDecay * t))
  return withOrigin(
    ['pytorch.adagrad', learningRate, { ...options }],
    withPenalty('pytorch.adagrad', common, rule(rate, { initialAccumulatorValue, eps, epsInSqrt: false }))
  )
}
