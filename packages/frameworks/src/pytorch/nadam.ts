import { boolean, chain, check, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByNadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByNadam
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link nadam}. */
export interface NadamOptions extends CommonOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Rate ψ at which the momentum grows from β₁ / 2 to β₁, finite and ≥ 0. @defaultValue `4e-3` */
  readonly momentumDecay?: number
  /** Whether the decay acts on the params, times the learning rate, rather than on the gradient. @defaultValue `false` */
  readonly decoupledWeightDecay?: boolean
}

/** State of {@link nadam}. */
export type NadamState = State<readonly [ScaleByNadamState, AddDecayedWeightsState, ScaleByScheduleState]>

/**
 * PyTorch's `torch.optim.NAdam`.
 *
 *     chain(addDecayedWeights(weightDecay), nadam(learningRate, { b1, b2, eps, momentumDecay }))
 *
 * The momentum warms up with ψ = 0.004, Keras's with 1, Optax's not at all. PyTorch keeps the product of all momenta in float32 even
 * where params are float64, by which its trajectories are off by about 3e-11; here it is a float64.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `2e-3` by default.
 *
 * @example
 * const tx = pytorch.nadam(0.1)
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.894… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html}
 */
export const nadam = (
  learningRate: ScalarOrSchedule = 2e-3,
  options: NadamOptions = {}
): GradientTransformation<NadamState> => {
  const { betas, eps, momentumDecay, decoupledWeightDecay, ...rest } = withDefaults<Required<NadamOptions>>(
    'pytorch.nadam',
    options,
    {
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      decoupledWeightDecay: false,
      maximize: false
    }
  )
  check('pytorch.nadam', { decoupledWeightDecay }, boolean)
  const [penalty, decay] = decoupledWeightDecay ? [0, rest.weightDecay] : [rest.weightDecay, 0]
  const rule = scaleByNadam({ ...namedBetas('pytorch.nadam', betas), eps, momentumDecay })

  return withOrigin(
    ['pytorch.nadam', learningRate, { ...options }],
    withPenalty(
      'pytorch.nadam',
      { ...rest, weightDecay: penalty },
      chain(rule, addDecayedWeights(decay), scaleByLearningRate(learningRate))
    )
  )
}
