import { check, finite, inClosedUnitInterval, positive, positiveInteger, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { interpolate } from '../internal/interpolate.js'
import type { Schedule } from '../types.js'

/** Options of {@link cosineOnecycleSchedule}. */
export interface CosineOnecycleScheduleOptions {
  /** Number T of steps of the cycle, a whole number ≥ 1. */
  readonly transitionSteps: number
  /** The largest value, any finite number. */
  readonly peakValue: number
  /** Share of the steps in which the value rises, in `[0, 1]`. @defaultValue `0.3` */
  readonly pctStart?: number
  /** What divides the peak to give the first value, finite and > 0. @defaultValue `25` */
  readonly divFactor?: number
  /** What divides the first value to give the last, finite and > 0. @defaultValue `1e4` */
  readonly finalDivFactor?: number
}

/**
 * Rises to a peak and falls below where it began, both along half a period of the cosine.
 *
 * With S = ⌊pctStart · T⌋:
 *
 *     from                      to                                      in the steps
 *     peakValue / divFactor     peakValue                               0 … S
 *     peakValue                 peakValue / divFactor / finalDivFactor  S … T
 *
 * and held from T on. It is the {@link piecewiseInterpolateSchedule} with the factor `divFactor` at S and
 * `1 / (divFactor · finalDivFactor)` at T. PyTorch's `OneCycleLR` with `total_steps` n is this schedule with n − 1
 * transition steps.
 *
 * Laws: rising to S and falling from there, for a positive peak and factors ≥ 1; linear in the peak.
 *
 * Unlike Optax: with S = T (`pctStart` 1) the rise is kept and the value falls at T at once; there the rise is lost.
 *
 * @example
 * const schedule = cosineOnecycleSchedule({ transitionSteps: 100, peakValue: 1, divFactor: 4, finalDivFactor: 16 })
 * schedule(0) // => 0.25
 * schedule(30) // => 1
 * schedule(100) // => 0.015625
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Smith and Topin (2017), Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates,
 * {@link https://arxiv.org/abs/1708.07120}
 */
export const cosineOnecycleSchedule = (options: CosineOnecycleScheduleOptions): Schedule => {
  const { transitionSteps, peakValue, pctStart, divFactor, finalDivFactor } = withDefaults<
    Required<CosineOnecycleScheduleOptions>
  >('cosineOnecycleSchedule', options, {
    transitionSteps: required,
    peakValue: required,
    pctStart: 0.3,
    divFactor: 25,
    finalDivFactor: 1e4
  })
  check('cosineOnecycleSchedule', { transitionSteps }, positiveInteger)
  check('cosineOnecycleSchedule', { peakValue }, finite)
  check('cosineOnecycleSchedule', { pctStart }, inClosedUnitInterval)
  check('cosineOnecycleSchedule', { divFactor, finalDivFactor }, positive)

  const curve = interpolate('cosine', peakValue / divFactor, [
    [Math.floor(pctStart * transitionSteps), divFactor],
    [transitionSteps, 1 / (divFactor * finalDivFactor)]
  ])
  return guarded(['cosineOnecycleSchedule', { ...options }], curve)
}
