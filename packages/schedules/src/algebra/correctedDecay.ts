import { check, finite, nonNegative, orSchedule, positive, required, withDefaults } from '@gradchain/core'
import type { ScalarOrSchedule, Schedule } from '../types.js'
import { mulSchedules } from './mulSchedules.js'

/** Options of {@link correctedDecay}. */
export interface CorrectedDecayOptions {
  /** Share λ of the params that is taken off while the learning rate is at its largest, a finite number or a schedule. */
  readonly weightDecay: ScalarOrSchedule
  /** The learning rate α that the weight decay is going to be multiplied by, a finite number ≥ 0 or a schedule. */
  readonly learningRate: ScalarOrSchedule
  /** What the learning rate is measured against, as a rule the largest that it will be, finite and > 0. */
  readonly maxLearningRate: number
}

/**
 * A weight decay that falls as the learning rate does, for the `weightDecay` of any optimizer: times the learning rate it is its square over
 * the largest one, λ α² / α_max. So weights with a normalization behind them keep their length, and gradients no longer swell while the
 * rate falls: AdamC, and the corrected weight decay of timm.
 *
 *     correctedDecay({ weightDecay, learningRate, maxLearningRate })(t) = λ(t) α(t) / α_max
 *
 * It is to be given the learning rate that stands behind the weight decay:
 *
 *     adamw(rate, { weightDecay: correctedDecay({ weightDecay: 0.1, learningRate: rate, maxLearningRate: 1e-3 }) })
 *
 * timm takes for α_max the rate that the optimizer was made with, whatever a scheduler makes of it later.
 *
 * Laws: where α is α_max it is λ; proportional to α and to λ.
 *
 * @example
 * const rate = linearSchedule({ initValue: 0.5, endValue: 0, transitionSteps: 4 })
 * const decay = correctedDecay({ weightDecay: 0.5, learningRate: rate, maxLearningRate: 0.5 })
 * const shares = [0, 1, 2, 3, 4].map(decay)
 * shares // => [0.5, 0.375, 0.25, 0.125, 0]
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see Defazio (2025), Why Gradients Rapidly Increase Near the End of Training, {@link https://arxiv.org/abs/2506.02285}
 */
export const correctedDecay = (options: CorrectedDecayOptions): Schedule => {
  const { weightDecay, learningRate, maxLearningRate } = withDefaults<CorrectedDecayOptions>(
    'correctedDecay',
    options,
    { weightDecay: required, learningRate: required, maxLearningRate: required }
  )
  check('correctedDecay', { weightDecay }, orSchedule(finite))
  check('correctedDecay', { learningRate }, orSchedule(nonNegative))
  check('correctedDecay', { maxLearningRate }, positive)
  const product = mulSchedules(weightDecay, learningRate, 1 / maxLearningRate)
  return Object.assign((step: number) => product(step), { origin: ['correctedDecay', { ...options }] })
}
