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
  type ScaleByLionState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByLion
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link lion}. */
export interface LionOptions extends CautionOptions {
  /** Decay rates β₁ and β₂ of the update and of the momentum, each in `[0, 1)`. @defaultValue `[0.9, 0.99]` */
  readonly betas?: Betas
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
}

/** State of {@link lion}. */
export type LionState = readonly [ScaleByLionState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * timm's `Lion`.
 *
 *     lion(learningRate, { b1, b2, weightDecay })
 *
 * The default learning rate is a tenth of Adam's, and there is no decay, where Optax has 1e-3.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-4` by default.
 *
 * @example
 * const tx = timm.lion()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.9999 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const lion = (
  learningRate: ScalarOrSchedule = 1e-4,
  options: LionOptions = {}
): GradientTransformation<LionState> => {
  const owner = 'timm.lion'
  const { betas, weightDecay, caution } = withDefaults<Required<LionOptions>>(owner, options, {
    betas: [0.9, 0.99],
    weightDecay: 0,
    caution: false
  })
  check(owner, { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['timm.lion', learningRate, { ...options }],
    chain(
      heeding(owner, caution, scaleByLion(namedBetas(owner, betas))),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(learningRate)
    )
  )
}
