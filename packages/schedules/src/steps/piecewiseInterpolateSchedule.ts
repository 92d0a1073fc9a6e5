import { check, finite, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { anInterpolateType, interpolate } from '../internal/interpolate.js'
import { readBoundaries } from '../internal/readBoundaries.js'
import type { BoundariesAndScales, InterpolateType, Schedule } from '../types.js'

/** Options of {@link piecewiseInterpolateSchedule}. */
export interface PiecewiseInterpolateScheduleOptions {
  /** The way between two boundaries: a straight line, or half a period of the cosine. */
  readonly interpolateType: InterpolateType
  /** Value at step 0, any finite number. */
  readonly initValue: number
  /**
   * Factors by the step at which they are reached: whole steps ≥ 0 in any order, finite factors ≥ 0.
   *
   * @defaultValue `{}`
   */
  readonly boundariesAndScales?: BoundariesAndScales
}

/**
 * Moves without jumps through the values that {@link piecewiseConstantSchedule} jumps between, and holds the last.
 *
 * For the boundaries b₁ < b₂ < … with the factors c₁, c₂, …, and b₀ = 0, v₀ = initValue:
 *
 *     vᵢ = vᵢ₋₁ · cᵢ
 *     f(t) = vᵢ₋₁ + (vᵢ − vᵢ₋₁) · s(p)       p = (t − bᵢ₋₁) / (bᵢ − bᵢ₋₁),  bᵢ₋₁ ≤ t < bᵢ
 *     s(p) = p                               'linear'
 *     s(p) = (1 − cos πp) / 2                'cosine'
 *
 * It interpolates the accumulated values vᵢ, not the factors. A boundary at step 0 only scales the first value.
 *
 * Laws: vᵢ at bᵢ; between vᵢ₋₁ and vᵢ on the way; the last value from the last boundary on.
 *
 * @example
 * const schedule = piecewiseInterpolateSchedule({
 *   interpolateType: 'linear',
 *   initValue: 8,
 *   boundariesAndScales: { 4: 0.5, 8: 0 }
 * })
 * schedule(0) // => 8
 * schedule(2) // => 6
 * schedule(4) // => 4
 * schedule(7) // => 1
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range, or a boundary is not a
 * whole number; at a step that is not a finite number ≥ 0.
 * @see cosineOnecycleSchedule, linearOnecycleSchedule
 */
export const piecewiseInterpolateSchedule = (options: PiecewiseInterpolateScheduleOptions): Schedule => {
  const { interpolateType, initValue, boundariesAndScales } = withDefaults<
    Required<PiecewiseInterpolateScheduleOptions>
  >('piecewiseInterpolateSchedule', options, {
    interpolateType: required,
    initValue: required,
    boundariesAndScales: {}
  })
  check('piecewiseInterpolateSchedule', { interpolateType }, anInterpolateType)
  check('piecewiseInterpolateSchedule', { initValue }, finite)
  const knots = readBoundaries('piecewiseInterpolateSchedule', boundariesAndScales)

  return guarded(['piecewiseInterpolateSchedule', { ...options }], interpolate(interpolateType, initValue, knots))
}
