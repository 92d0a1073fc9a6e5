import { boolean, chain, check, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByAmsgradState,
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'
import { adamOrAmsgrad, type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link adam}. */
export interface AdamOptions extends CommonOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Whether to divide by the largest second moment so far, that before its correction. @defaultValue `false` */
  readonly amsgrad?: boolean
  /** Whether the decay acts on the params, times the learning rate, rather than on the gradient. @defaultValue `false` */
  readonly decoupledWeightDecay?: boolean
}

/** State of {@link adam} and {@link adamw}. */
export type AdamState = State<readonly [ScaleByAmsgradState, AddDecayedWeightsState, ScaleByScheduleState]>

/**
 * PyTorch's `torch.optim.Adam`.
 *
 *     chain(addDecayedWeights(weightDecay), adam(learningRate, { b1, b2, eps }))
 *     chain(addDecayedWeights(weightDecay), amsgrad(learningRate, { b1, b2, eps, maxOn: 'raw' }))    when amsgrad
 *     adamw(learningRate, { b1, b2, eps, weightDecay })                                              when decoupledWeightDecay
 *
 * The weight decay goes into the gradient and through both moments, unlike in {@link adamw}. AMSGrad takes the maximum of the
 * second moment before it is corrected, the paper and Optax after.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = pytorch.adam()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html}
 */
export const adam = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdamOptions = {}
): GradientTransformation<AdamState> => {
  const { betas, eps, amsgrad, decoupledWeightDecay, ...rest } = withDefaults<Required<AdamOptions>>(
    'pytorch.adam',
    options,
    {
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
      decoupledWeightDecay: false
    }
  )
  check('pytorch.adam', { decoupledWeightDecay }, boolean)
  const rates = namedBetas('pytorch.adam', betas)
  const rule = adamOrAmsgrad('pytorch.adam', { ...rates, eps, epsPlacement: 'outside', amsgrad })
  const [penalty, decay] = decoupledWeightDecay ? [0, rest.weightDecay] : [rest.weightDecay, 0]

  return withOrigin(
    ['pytorch.adam', learningRate, { ...options }],
    withPenalty(
      'pytorch.adam',
      { ...rest, weightDecay: penalty },
      chain(rule, addDecayedWeights(decay), scaleByLearningRate(learningRate))
    )
  )
}
