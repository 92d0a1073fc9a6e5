import { check, finite, positive, positiveInteger, required, withDefaults } from '@gradchain/core'
import { exponential } from '../internal/exponential.js'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/** Options of {@link stepDecaySchedule}. */
export interface StepDecayScheduleOptions {
  /** Value I at step 0, any finite number. */
  readonly initValue: number
  /** Number s of steps for which each value is held, a whole number ≥ 1. */
  readonly stepSize: number
  /** Factor γ after every s steps, finite and > 0; above 1 the value grows. @defaultValue `0.1` */
  readonly gamma?: number
}

/**
 * Multiplies a value by the same factor after every so many steps: PyTorch's `StepLR`.
 *
 * At step t:
 *
 *     f(t) = I · γ^⌊t / s⌋
 *
 * so that the first smaller value is that of step s. Steps may as well be epochs, if that is what you count.
 *
 * Laws: the {@link exponentialDecay} with `staircase`, bit for bit; constant between multiples of s; f(t + s) = γ · f(t).
 *
 * @example
 * const schedule = stepDecaySchedule({ initValue: 8, stepSize: 30, gamma: 0.5 })
 * schedule(29) // => 8
 * schedule(30) // => 4
 * schedule(60) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see multiStepSchedule, for boundaries that are not evenly spaced; He et al. (2015), Deep Residual Learning for Image
 * Recognition, section 3.4, for the factor 0.1, {@link https://arxiv.org/abs/1512.03385}
 */
export const stepDecaySchedule = (options: StepDecayScheduleOptions): Schedule => {
  const { initValue, stepSize, gamma } = withDefaults<Required<StepDecayScheduleOptions>>(
    'stepDecaySchedule',
    options,
    { initValue: required, stepSize: required, gamma: 0.1 }
  )
  check('stepDecaySchedule', { initValue }, finite)
  check('stepDecaySchedule', { stepSize }, positiveInteger)
  check('stepDecaySchedule', { gamma }, positive)

  const curve = exponential('stepDecaySchedule', {
    initValue,
    transitionSteps: stepSize,
    decayRate: gamma,
    transitionBegin: 0,
    staircase: true,
    endValue: undefined
  })
  return guarded(['stepDecaySchedule', { ...options }], curve)
}
