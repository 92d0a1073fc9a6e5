import { check, finite, positive, required, withDefaults } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import type { Schedule } from '@gradchain/schedules'
import { type WarmupOptions, warmed } from '../internal/cycles.js'

/** Options of {@link step}. */
export interface StepOptions extends WarmupOptions {
  /** Number of steps for which each value is held, finite and > 0. */
  readonly decayT: number
  /** The factor, finite and > 0. @defaultValue `1` */
  readonly decayRate?: number
  /** Whether the steps are counted from the end of the warmup. @defaultValue `true` */
  readonly warmupPrefix?: boolean
}

/**
 * timm's `StepLRScheduler`: a factor after every so many steps.
 *
 * The factor is 1 by default, so that nothing falls unless `decayRate` is given. The steps of the warmup do not count, unlike in {@link cosine}, unless
 * `warmupPrefix` is false.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * timm.schedules.step(8, { decayT: 10, decayRate: 0.5 })(20) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/timm/reference/schedulers}
 */
export const step = (learningRate: number, options: StepOptions): Schedule => {
  const owner = 'timm.schedules.step'
  const { decayT, decayRate, ...rest } = withDefaults<Required<StepOptions>>(owner, options, {
    decayT: required,
    decayRate: 1,
    warmupT: 0,
    warmupLrInit: 0,
    warmupPrefix: true
  })
  check(owner, { learningRate }, finite)
  check(owner, { decayT }, positive)
  check(owner, { decayRate }, positive)
  return Object.assign(
    warmed(owner, rest, learningRate, (step) => learningRate * pow(decayRate, Math.floor(step / decayT))),
    { origin: ['timm.schedules.step', learningRate, { ...options }] }
  )
}
