import { chain, check, type GradientTransformation, nonNegative, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByBeliefState,
  type ScaleByScheduleState,
  scaleByBelief,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'

/** Options of {@link adabelief}. */
export interface AdabeliefOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added inside the root and outside, finite and ≥ 0. @defaultValue `1e-16` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
}

/** State of {@link adabelief}. */
export type AdabeliefState = readonly [ScaleByBeliefState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * timm's `AdaBelief` without rectification, as its factory makes `adabelief`.
 *
 *     adabelief(learningRate, { b1, b2, eps, epsRoot: eps, weightDecay })
 *
 * eps stands at both places, and inside the root it stays in the state and piles up. The class itself rectifies by default, as RAdam: that is `radabelief` of the factory.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.adabelief()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.998… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adabelief = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdabeliefOptions = {}
): GradientTransformation<AdabeliefState> => {
  const owner = 'timm.adabelief'
  const { betas, eps, weightDecay } = withDefaults<Required<AdabeliefOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-16,
    weightDecay: 0
  })
  check(owner, { weightDecay }, nonNegative)
  return withOrigin(
    ['timm.adabelief', learningRate, { ...options }],
    chain(
      scaleByBelief({ ...namedBetas(owner, betas), eps, epsRoot: eps }),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(learningRate)
    )
  )
}
