import { chain, check, type GradientTransformation, nonNegative, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByLearningRate } from '@gradchain/transforms'
import { adamOrAmsgrad, type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import type { AdamState } from './adam.js'
import { withPenalty } from './internal/form.js'

/** Options of {@link adamw}. */
export interface AdamwOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `1e-2` */
  readonly weightDecay?: number
  /** Whether to divide by the largest second moment so far, that before its correction. @defaultValue `false` */
  readonly amsgrad?: boolean
  /** Whether to ascend; the decay stays one. @defaultValue `false` */
  readonly maximize?: boolean
}

/**
 * PyTorch's `torch.optim.AdamW`.
 *
 *     adamw(learningRate, { b1, b2, eps, weightDecay })
 *
 * The default decay is 0.01, a hundred times that of Optax and two and a half times that of Keras, and it is on for biases too:
 * PyTorch leaves them out by param groups, here `chain(…, masked(addDecayedWeights(λ), mask), …)` does, or `adamw` with its mask.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = pytorch.adamw(0.1)
 * const params = { w: 1 }
 * step(tx, { w: 0 }, tx.init(params), params)[0] // => { w: 0.999 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html}
 */
export const adamw = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdamwOptions = {}
): GradientTransformation<AdamState> => {
  const { betas, eps, weightDecay, amsgrad, maximize } = withDefaults<Required<AdamwOptions>>(
    'pytorch.adamw',
    options,
    { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-2, amsgrad: false, maximize: false }
  )
  check('pytorch.adamw', { weightDecay }, nonNegative)
  const rates = namedBetas('pytorch.adamw', betas)
  const rule = adamOrAmsgrad('pytorch.adamw', { ...rates, eps, epsPlacement: 'outside', amsgrad })

  return withOrigin(
    ['pytorch.adamw', learningRate, { ...options }],
    withPenalty(
      'pytorch.adamw',
      { weightDecay: 0, maximize },
      chain(rule, addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))
    )
  )
}
