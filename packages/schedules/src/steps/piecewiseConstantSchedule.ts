import { check, finite, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { readBoundaries } from '../internal/readBoundaries.js'
import type { BoundariesAndScales, Schedule } from '../types.js'

/** Options of {@link piecewiseConstantSchedule}. */
export interface PiecewiseConstantScheduleOptions {
  /**
   * Factors by the step from which they count: whole steps ≥ 0 in any order, finite factors ≥ 0.
   *
   * @defaultValue `{}`
   */
  readonly boundariesAndScales?: BoundariesAndScales
}

/**
 * Multiplies a value by a factor at each boundary, and holds it between them.
 *
 * For the boundaries b₁ < b₂ < … with the factors c₁, c₂, …, at step t:
 *
 *     f(t) = initValue · ∏ cᵢ                over all i with bᵢ ≤ t
 *
 * A boundary already belongs to the new value. The factors accumulate: each applies to the value before it, not to
 * `initValue`.
 *
 * Laws: constant between boundaries; with every factor 1, or without boundaries, constant.
 *
 * @param initValue - any finite number.
 *
 * @example
 * const schedule = piecewiseConstantSchedule(8, { boundariesAndScales: { 100: 0.5, 200: 0.25 } })
 * schedule(99) // => 8
 * schedule(100) // => 4
 * schedule(200) // => 1
 *
 * @throws InvalidOption at construction, when an option is unknown or outside its range, or a boundary is not a whole
 * number; at a step that is not a finite number ≥ 0.
 * @see piecewiseInterpolateSchedule, which moves between the same values without jumps.
 */
export const piecewiseConstantSchedule = (
  initValue: number,
  options: PiecewiseConstantScheduleOptions = {}
): Schedule => {
  const { boundariesAndScales } = withDefaults<Required<PiecewiseConstantScheduleOptions>>(
    'piecewiseConstantSchedule',
    options,
    { boundariesAndScales: {} }
  )
  check('piecewiseConstantSchedule', { initValue }, finite)
  const knots = readBoundaries('piecewiseConstantSchedule', boundariesAndScales)

  return guarded(['piecewiseConstantSchedule', initValue, { ...options }], (step) => {
    let value = initValue
    for (const [boundary, scale] of knots) {
      if (step < boundary) break
      value *= scale
    }
    return value
  })
}
