import { check, finite, positive, required, withDefaults } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/** Options of {@link multiStepSchedule}. */
export interface MultiStepScheduleOptions {
  /** Value I before the first milestone, any finite number. */
  readonly initValue: number
  /** Steps at which the value is multiplied by γ: whole numbers ≥ 0, none below the one before it. */
  readonly milestones: readonly number[]
  /** Factor γ at each milestone, finite and > 0; above 1 the value grows. @defaultValue `0.1` */
  readonly gamma?: number
}

/**
 * Multiplies a value by the same factor at each of some milestones: PyTorch's `MultiStepLR`.
 *
 * For the milestones m₁ ≤ m₂ ≤ …, at step t:
 *
 *     f(t) = I · γⁿ                          n = how many mᵢ are ≤ t
 *
 * A milestone already belongs to the new value, and one that is written twice counts twice.
 *
 * Laws: constant between milestones; with milestones s, 2s, 3s, … the {@link stepDecaySchedule} up to the last of them;
 * without milestones, or with γ = 1, constant.
 *
 * @example
 * const schedule = multiStepSchedule({ initValue: 8, milestones: [30, 80], gamma: 0.5 })
 * schedule(29) // => 8
 * schedule(30) // => 4
 * schedule(80) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see piecewiseConstantSchedule, which has a factor of its own for each boundary.
 */
export const multiStepSchedule = (options: MultiStepScheduleOptions): Schedule => {
  const { initValue, milestones, gamma } = withDefaults<Required<MultiStepScheduleOptions>>(
    'multiStepSchedule',
    options,
    { initValue: required, milestones: required, gamma: 0.1 }
  )
  check('multiStepSchedule', { initValue }, finite)
  check('multiStepSchedule', { milestones }, { what: 'an array of steps', holds: Array.isArray })
  milestones.forEach((milestone, i) => {
    const least = milestones[i - 1] ?? 0
    const fits = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= least
    check('multiStepSchedule', { [`milestones[${i}]`]: milestone }, { what: `a whole number ≥ ${least}`, holds: fits })
  })
  check('multiStepSchedule', { gamma }, positive)

  // The values are known now; so the caller's array may change.
  const changes = milestones.map((milestone, i) => [milestone, initValue * pow(gamma, i + 1)] as const).reverse()
  return guarded(['multiStepSchedule', { ...options }], (step) => {
    for (const [milestone, value] of changes) {
      if (step >= milestone) return value
    }
    return initValue
  })
}
