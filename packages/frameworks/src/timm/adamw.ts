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
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link adamw}. */
export interface AdamwOptions extends CautionOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
}

/** State of {@link adamw}. */
export type AdamwState = readonly [ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * timm's `AdamWLegacy`, which is PyTorch's AdamW.
 *
 *     adamw(learningRate, { b1, b2, eps, weightDecay })
 *
 * Where the decay is corrected there (`corrected_weight_decay`), as in all rules of its factory that end in c, it is `correctedDecay` as
 * the `weightDecay`; its `maxLearningRate` is the learning rate that the class was given, not the largest there was.
 *
 * timm's factory, `create_optimizer_v2`, sets the decay to 0 where it is not told one, whatever the class has.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.adamw()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.998… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adamw = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdamwOptions = {}
): GradientTransformation<AdamwState> => {
  const owner = 'timm.adamw'
  const { betas, eps, weightDecay, caution } = withDefaults<Required<AdamwOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0.01,
    caution: false
  })
  check(owner, { weightDecay }, orSchedule(nonNegative))
  return withOrigin(
    ['timm.adamw', learningRate, { ...options }],
    chain(
      heeding(owner, caution, scaleByAdam({ ...namedBetas(owner, betas), eps })),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(learningRate)
    )
  )
}
