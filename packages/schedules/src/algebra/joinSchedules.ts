import { callable, check, InvalidOption, show } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { joined } from '../internal/joined.js'
import type { Schedule } from '../types.js'

/**
 * One schedule after the other, each on its own clock.
 *
 * For the schedules f₀, …, fₙ and the boundaries b₁ ≤ … ≤ bₙ, with b₀ = 0, at step t:
 *
 *     f(t) = fᵢ(t − bᵢ)                      for the last i with bᵢ ≤ t
 *
 * A boundary already belongs to the schedule that begins there, which sees it as its step 0. Only that schedule is
 * called, and never with a negative step. Where two boundaries are equal, the schedule between them has no steps.
 *
 * Laws: equal to its parts bit for bit; a single schedule joined is itself; joining joined schedules is joining all.
 *
 * Unlike Optax: with more schedules than boundaries + 1 the last ones are dropped there, and every schedule is
 * evaluated at every step; a missing or surplus boundary and boundaries out of order are refused here.
 *
 * @param schedules - at least one.
 * @param boundaries - the step at which each schedule but the first begins: whole numbers ≥ 0, none below the one
 * before it.
 *
 * @example
 * const warmup = linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 })
 * const schedule = joinSchedules([warmup, (step) => 1 / (1 + step)], [4])
 * schedule(2) // => 0.5
 * schedule(4) // => 1
 * schedule(7) // => 0.25
 *
 * @throws InvalidOption at construction, when there is no schedule, or one is no function, or the boundaries do not fit;
 * at a step that is not a finite number ≥ 0.
 * @see shiftSchedule
 */
export const joinSchedules = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule => {
  check('joinSchedules', { schedules }, { what: 'an array of at least one schedule', holds: isFilled })
  check('joinSchedules', { boundaries }, { what: 'an array of steps', holds: Array.isArray })
  check('joinSchedules', named('schedules', schedules), callable)
  if (boundaries.length !== schedules.length - 1) {
    throw new InvalidOption(
      `joinSchedules: boundaries must be ${schedules.length - 1} for ${schedules.length} schedules, got ${show(boundaries)}`
    )
  }
  boundaries.forEach((boundary, i) => {
    const least = boundaries[i - 1] ?? 0
    const fits = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= least
    check('joinSchedules', { [`boundaries[${i}]`]: boundary }, { what: `a whole number ≥ ${least}`, holds: fits })
  })

  return guarded(['joinSchedules', [...schedules], [...boundaries]], joined(schedules, boundaries))
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0

const named = (name: string, values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(values.map((value, i) => [`${name}[${i}]`, value]))
