import { boolean, chain, check, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByRadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByRadam
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link radam}. */
export interface RadamOptions extends CommonOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the second moment before its correction, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Whether the decay acts on the params, times the learning rate, rather than on the gradient. @defaultValue `false` */
  readonly decoupledWeightDecay?: boolean
}

/** State of {@link radam}. */
export type RadamState = State<readonly [ScaleByRadamState, AddDecayedWeightsState, ScaleByScheduleState]>

/**
 * PyTorch's `torch.optim.RAdam`.
 *
 *     chain(addDecayedWeights(weightDecay), radam(learningRate, { b1, b2, eps, epsPlacement: 'hat' }))
 *
 * eps stands in another place than in PyTorch's own Adam: it is added to the root of the second moment before the correction, "eps
 * hat", so that it weighs 32 times as much at the first step that is rectified. The first five steps, with β₂ = 0.999, have the size
 * of the gradient. PyTorch rectifies when ρ > 5, this when ρ ≥ 5, which differ only where ρ is exactly 5.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = pytorch.radam(0.1)
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.95 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html}
 */
export const radam = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: RadamOptions = {}
): GradientTransformation<RadamState> => {
  const { betas, eps, decoupledWeightDecay, ...rest } = withDefaults<Required<RadamOptions>>('pytorch.radam', options, {
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false
  })
  check('pytorch.radam', { decoupledWeightDecay }, boolean)
  const [penalty, decay] = decoupledWeightDecay ? [0, rest.weightDecay] : [rest.weightDecay, 0]
  const rule = scaleByRadam({ ...namedBetas('pytorch.radam', betas), eps, epsPlacement: 'hat' })

  return withOrigin(
    ['pytorch.radam', learningRate, { ...options }],
    withPenalty(
      'pytorch.radam',
      { ...rest, weightDecay: penalty },
      chain(rule, addDecayedWeights(decay), scaleByLearningRate(learningRate))
    )
  )
}
