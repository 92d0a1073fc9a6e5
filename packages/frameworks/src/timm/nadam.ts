import { chain, check, type GradientTransformation, nonNegative, withDefaults, withOrigin } from '@gradchain/core'
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

/** Options of {@link nadam}. */
export interface NadamOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is added to the gradient; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Rate ψ at which the momentum grows from β₁ / 2 to β₁, finite and ≥ 0. @defaultValue `4e-3` */
  readonly scheduleDecay?: number
}

/** State of {@link nadam}. */
export type NadamState = readonly [AddDecayedWeightsState, ScaleByNadamState, ScaleByScheduleState]

/**
 * timm's `NAdamLegacy`, which is PyTorch's NAdam.
 *
 *     chain(addDecayedWeights(weightDecay), nadam(learningRate, { b1, b2, eps, momentumDecay: scheduleDecay }))
 *
 * The decay goes into the gradient. `NAdamW` of timm is another rule, whose first step is 1.9 α.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `2e-3` by default.
 *
 * @example
 * const tx = timm.nadam()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.997… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const nadam = (
  learningRate: ScalarOrSchedule = 2e-3,
  options: NadamOptions = {}
): GradientTransformation<NadamState> => {
  const owner = 'timm.nadam'
  const { betas, eps, weightDecay, scheduleDecay } = withDefaults<Required<NadamOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    scheduleDecay: 4e-3
  })
  check(owner, { weightDecay }, nonNegative)
  return withOrigin(
    ['timm.nadam', learningRate, { ...options }],
    chain(
      addDecayedWeights(weightDecay),
      scaleByNadam({ ...namedBetas(owner, betas), eps, momentumDecay: scheduleDecay }),
      scaleByLearningRate(learningRate)
    )
  )
}
