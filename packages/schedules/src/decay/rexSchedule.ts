import { check, finite, positiveInteger, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/** Options of {@link rexSchedule}. */
export interface RexScheduleOptions {
  /** Value I at step 0, any finite number. */
  readonly initValue: number
  /** Number T of steps until the end, a whole number ≥ 1. */
  readonly decaySteps: number
  /** Value E from T on, any finite number. @defaultValue `0` */
  readonly endValue?: number
}

/**
 * Falls ever faster to its end, above the straight line all the way: REX, for runs whose length is given.
 *
 * At step t, E from T on:
 *
 *     f(t) = E + (I − E) · (1 − s) / (1 − s / 2)          s = t / T
 *
 * Laws: between I and E; monotone; at half of the way two thirds of I − E are left; linear in I when E = 0.
 *
 * @example
 * const schedule = rexSchedule({ initValue: 6, decaySteps: 100 })
 * schedule(0) // => 6
 * schedule(50) // => 4
 * schedule(100) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Chen, Wolfe and Kyrillidis (2021), REX: Revisiting Budgeted Training with an Improved Schedule,
 * {@link https://arxiv.org/abs/2107.04197}
 * @see linearSchedule
 */
export const rexSchedule = (options: RexScheduleOptions): Schedule => {
  const { initValue, decaySteps, endValue } = withDefaults<Required<RexScheduleOptions>>('rexSchedule', options, {
    initValue: required,
    decaySteps: required,
    endValue: 0
  })
  check('rexSchedule', { initValue }, finite)
  check('rexSchedule', { decaySteps }, positiveInteger)
  check('rexSchedule', { endValue }, finite)

  return guarded(['rexSchedule', { ...options }], (step) => {
    if (step >= decaySteps) return endValue
    const share = step / decaySteps
    return endValue + (initValue - endValue) * ((1 - share) / (1 - share / 2))
  })
}
