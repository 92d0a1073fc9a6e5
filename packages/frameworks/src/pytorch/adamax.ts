import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type AdamaxState as RuleState, adamax as rule } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link adamax}. */
export interface AdamaxOptions extends CommonOptions {
  /** Decay rates β₁ of the first moment and β₂ of the maximum, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to |g|, inside the maximum, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
}

/** State of {@link adamax}. */
export type AdamaxState = State<RuleState>

/**
 * PyTorch's `torch.optim.Adamax`.
 *
 *     chain(addDecayedWeights(weightDecay), adamax(learningRate, { b1, b2, eps }))
 *
 * The default learning rate is that of the paper, twice that of Adam, of Optax's examples and of Keras.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `2e-3` by default.
 *
 * @example
 * const tx = pytorch.adamax()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.998… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html}
 */
export const adamax = (
  learningRate: ScalarOrSchedule = 2e-3,
  options: AdamaxOptions = {}
): GradientTransformation<AdamaxState> => {
  const { betas, eps, ...common } = withDefaults<Required<AdamaxOptions>>('pytorch.adamax', options, {
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    maximize: false
  })
  return withOrigin(
    ['pytorch.adamax', learningRate, { ...options }],
    withPenalty('pytorch.adamax', common, rule(learningRate, { ...namedBetas('pytorch.adamax', betas), eps }))
  )
}
