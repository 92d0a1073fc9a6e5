import { check, finite, nonNegativeInteger, oneOf, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { rise } from '../internal/rise.js'
import type { Schedule } from '../types.js'

/** Options of {@link warmupConstantSchedule}. */
export interface WarmupConstantScheduleOptions {
  /** Value at step 0, any finite number. */
  readonly initValue: number
  /** Value after the warmup, any finite number. */
  readonly peakValue: number
  /** Number of steps of the warmup, a whole number ≥ 0; 0 is no warmup. */
  readonly warmupSteps: number
  /** What is added to the step in the warmup: with 1 the first step already is a part of the way. @defaultValue `0` */
  readonly warmupOffset?: 0 | 1
}

/**
 * Warms up along a straight line, then stays.
 *
 *     f = linearSchedule from initValue to peakValue in warmupSteps steps
 *
 * and, with a `warmupOffset` of 1, one step ahead of it.
 *
 * Laws: {@link linearSchedule} bit for bit.
 *
 * Unlike Optax: with `warmupSteps` 0 the value is `peakValue` at once, where Optax stays at `initValue` for ever.
 *
 * @example
 * const schedule = warmupConstantSchedule({ initValue: 0, peakValue: 1, warmupSteps: 4 })
 * schedule(1) // => 0.25
 * schedule(4) // => 1
 * schedule(1000) // => 1
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Goyal et al. (2017), Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, section 2.2,
 * {@link https://arxiv.org/abs/1706.02677}
 */
export const warmupConstantSchedule = (options: WarmupConstantScheduleOptions): Schedule => {
  const { initValue, peakValue, warmupSteps, warmupOffset } = withDefaults<Required<WarmupConstantScheduleOptions>>(
    'warmupConstantSchedule',
    options,
    { initValue: required, peakValue: required, warmupSteps: required, warmupOffset: 0 }
  )
  check('warmupConstantSchedule', { initValue, peakValue }, finite)
  check('warmupConstantSchedule', { warmupSteps }, nonNegativeInteger)
  check('warmupConstantSchedule', { warmupOffset }, oneOf(0, 1))

  return guarded(['warmupConstantSchedule', { ...options }], rise(initValue, peakValue, warmupSteps, warmupOffset))
}
