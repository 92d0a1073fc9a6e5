import {
  chain,
  check,
  type GradientTransformation,
  nonNegative,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CautionOptions, heeding } from './internal/caution.js'
import { scaleByNesterovAdam } from './internal/scaleByNesterovAdam.js'

/** Options of {@link nadamw}. */
export interface NadamwOptions extends CautionOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
}

/** State of {@link nadamw}. */
export type NadamwState = readonly [ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * timm's `NAdamW`: AdamW whose first moment has the gradient averaged in once more.
 *
 *     uₜ = −α ((β₁ mₜ + (1 − β₁) g) / (1 − β₁ᵗ) / (√v̂ + eps) + λ p)
 *
 * The first step is 1.9 α, as the correction is that of a mean without the second helping; `nadamw`, Optax's, corrects the two parts apart
 * and begins with 1.47 α, and PyTorch's NAdam is a third rule. `timm.muon` with `nesterov` has this for what is no matrix.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.nadamw(0.5, { eps: 0, weightDecay: 0 })
 * const params = { w: 1 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 0.05… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const nadamw = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: NadamwOptions = {}
): GradientTransformation<NadamwState> => {
  const owner = 'timm.nadamw'
  const { betas, eps, weightDecay, caution } = withDefaults<Required<NadamwOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0.01,
    caution: false
  })
  check(owner, { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['timm.nadamw', learningRate, { ...options }],
    chain(
      heeding(owner, caution, scaleByNesterovAdam(owner, { ...namedBetas(owner, betas), eps })),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(learningRate)
    )
  )
}
