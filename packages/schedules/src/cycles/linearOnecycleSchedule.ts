import { check, finite, inClosedUnitInterval, positive, positiveInteger, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { interpolate } from '../internal/interpolate.js'
import type { Schedule } from '../types.js'

/** Options of {@link linearOnecycleSchedule}. */
export interface LinearOnecycleScheduleOptions {
  /** Number T of steps of the cycle, a whole number ≥ 1. */
  readonly transitionSteps: number
  /** The largest value, any finite number. */
  readonly peakValue: number
  /** Share of the steps in which the value rises, in `[0, 1]`. @defaultValue `0.3` */
  readonly pctStart?: number
  /** Share of the steps after which it is back where it began, in `[pctStart, 1]`. @defaultValue `0.85` */
  readonly pctFinal?: number
  /** What divides the peak to give the first value, finite and > 0. @defaultValue `25` */
  readonly divFactor?: number
  /** What divides the first value to give the last, finite and > 0. @defaultValue `1e4` */
  readonly finalDivFactor?: number
}

/**
 * Rises to a peak, falls back to where it began, and then further, along three straight lines.
 *
 * With S = ⌊pctStart · T⌋ and F = ⌊pctFinal · T⌋:
 *
 *     from                      to                                      in the steps
 *     peakValue / divFactor     peakValue                               0 … S
 *     peakValue                 peakValue / divFactor                   S … F
 *     peakValue / divFactor     peakValue / divFactor / finalDivFactor  F … T
 *
 * and held from T on. It is the {@link piecewiseInterpolateSchedule} with the factors `divFactor` at S,
 * `1 / divFactor` at F and `1 / finalDivFactor` at T.
 *
 * Laws: rising to S and falling from there, for a positive peak and factors ≥ 1; linear in the peak.
 *
 * Unlike Optax: where phases fall on the same step (S = F, or F = T) the factors of both count; there the later one
 * replaces the earlier, so that one step of `linear_onecycle_schedule(1, 1.0)` starts at 1/625 instead of 1/25. A
 * `pctFinal` below `pctStart`, which swaps the phases there, is refused.
 *
 * @example
 * const schedule = linearOnecycleSchedule({ transitionSteps: 20, peakValue: 1, divFactor: 4, finalDivFactor: 16 })
 * schedule(0) // => 0.25
 * schedule(6) // => 1
 * schedule(17) // => 0.25
 * schedule(20) // => 0.015625
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Smith and Topin (2017), Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates,
 * {@link https://arxiv.org/abs/1708.07120}
 */
export const linearOnecycleSchedule = (options: LinearOnecycleScheduleOptions): Schedule => {
  const { transitionSteps, peakValue, pctStart, pctFinal, divFactor, finalDivFactor } = withDefaults<
    Required<LinearOnecycleScheduleOptions>
  >('linearOnecycleSchedule', options, {
    transitionSteps: required,
    peakValue: required,
    pctStart: 0.3,
    pctFinal: 0.85,
    divFactor: 25,
    finalDivFactor: 1e4
  })
  check('linearOnecycleSchedule', { transitionSteps }, positiveInteger)
  check('linearOnecycleSchedule', { peakValue }, finite)
  check('linearOnecycleSchedule', { pctStart }, inClosedUnitInterval)
  const follows = (value: unknown): boolean => inClosedUnitInterval.holds(value) && (value as number) >= pctStart
  check('linearOnecycleSchedule', { pctFinal }, { what: `in [pctStart, 1] = [${pctStart}, 1]`, holds: follows })
  check('linearOnecycleSchedule', { divFactor, finalDivFactor }, positive)

  const curve = interpolate('linear', peakValue / divFactor, [
    [Math.floor(pctStart * transitionSteps), divFactor],
    [Math.floor(pctFinal * transitionSteps), 1 / divFactor],
    [transitionSteps, 1 / finalDivFactor]
  ])
  return guarded(['linearOnecycleSchedule', { ...options }], curve)
}
