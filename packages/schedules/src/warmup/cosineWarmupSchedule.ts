import { check, finite, nonNegativeInteger, oneOf, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { warmup } from '../internal/warmup.js'
import type { Schedule } from '../types.js'

/** Options of {@link cosineWarmupSchedule}. */
export interface CosineWarmupScheduleOptions {
  /** Value P after the warmup, any finite number. */
  readonly peakValue: number
  /** Number W of steps of the warmup, a whole number ≥ 0; 0 is no warmup. */
  readonly warmupSteps: number
  /** Value I at the beginning of the warmup, any finite number. @defaultValue `0` */
  readonly initValue?: number
  /** What is added to the step: with 1 the first step already is a part of the way. @defaultValue `0` */
  readonly warmupOffset?: 0 | 1
}

/**
 * Warms up along half a period of the cosine, slowly at both ends, and holds the value.
 *
 * With n = t + warmupOffset:
 *
 *     f(t) = I + (P − I) · (1 − cos(π · n / W)) / 2        n < W
 *     f(t) = P                                             n ≥ W
 *
 * It is the {@link warmupConstantSchedule} with another way up; put anything behind it with {@link joinSchedules}.
 *
 * Laws: I at 0 without an offset, P from W on; between the two, and monotone; point-symmetric about half the way.
 *
 * @example
 * const schedule = cosineWarmupSchedule({ peakValue: 8, warmupSteps: 100 })
 * schedule(0) // => 0
 * schedule(50) // => 4
 * schedule(100) // => 8
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see wsdSchedule, which has this warmup as its `warmupShape`.
 */
export const cosineWarmupSchedule = (options: CosineWarmupScheduleOptions): Schedule => {
  const { peakValue, warmupSteps, initValue, warmupOffset } = withDefaults<Required<CosineWarmupScheduleOptions>>(
    'cosineWarmupSchedule',
    options,
    { peakValue: required, warmupSteps: required, initValue: 0, warmupOffset: 0 }
  )
  check('cosineWarmupSchedule', { peakValue }, finite)
  check('cosineWarmupSchedule', { warmupSteps }, nonNegativeInteger)
  check('cosineWarmupSchedule', { initValue }, finite)
  check('cosineWarmupSchedule', { warmupOffset }, oneOf(0, 1))

  return guarded(
    ['cosineWarmupSchedule', { ...options }],
    warmup('cosine', initValue, peakValue, warmupSteps, warmupOffset)
  )
}
