import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByFocusOptions,
  type ScaleByFocusState,
  type ScaleByScheduleState,
  scaleByFocus,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link focus}: those of `scaleByFocus`. */
export type FocusOptions = ScaleByFocusOptions

/** State of {@link focus}. */
export type FocusState = readonly [ScaleByFocusState, ScaleByScheduleState]

/**
 * FOCUS: the sign of momentum, and a pull back to where the params have been on average.
 *
 *     chain(scaleByFocus({ b1, b2, gamma, weightDecay, accumulatorDtype }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = a₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     aₜ = β₂ aₜ₋₁ + (1 − β₂) p          p̂ = aₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) (sign(mₜ) + γ sign(p − p̂) + λ p̂)
 *
 * Laws: elementwise; odd in gradients and params together; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the program of the authors has 0.01.
 *
 * @example
 * const tx = focus(0.5, { weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Liu, Liu and Gore (2025), {@link https://arxiv.org/abs/2501.12243}
 */
export const focus = (
  learningRate: ScalarOrSchedule,
  options: FocusOptions = {}
): GradientTransformation<FocusState> => {
  const chosen = withDefaults<Required<FocusOptions>>('focus', options, {
    b1: 0.9,
    b2: 0.999,
    gamma: 0.1,
    weightDecay: 0,
    accumulatorDtype: undefined
  })

  return withOrigin(
    ['focus', learningRate, { ...options }],
    chain(scaleByFocus(chosen), scaleByLearningRate(learningRate))
  )
}
