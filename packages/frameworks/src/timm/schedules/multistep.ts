import { check, finite, positive, required, withDefaults } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import type { Schedule } from '@gradchain/schedules'
import { type WarmupOptions, warmed } from '../internal/cycles.js'

/** Options of {@link multistep}. */
export interface MultistepOptions extends WarmupOptions {
  /** The milestones: whole numbers, none below the one before it. */
  readonly decayT: readonly number[]
  /** The factor, finite and > 0. @defaultValue `1` */
  readonly decayRate?: number
  /** Whether the steps are counted from the end of the warmup. @defaultValue `true` */
  readonly warmupPrefix?: boolean
}

/**
 * timm's `MultiStepLRScheduler`: a factor at given steps.
 *
 * It falls one step early: a milestone of 10 counts from step 9 on. The factor is 1 by default. The steps of the warmup do not count, unless
 * `warmupPrefix` is false.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * const schedule = timm.schedules.multistep(8, { decayT: [10], decayRate: 0.5 })
 * schedule(8) // => 8
 * schedule(9) // => 4
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/timm/reference/schedulers}
 */
export const multistep = (learningRate: number, options: MultistepOptions): Schedule => {
  const owner = 'timm.schedules.multistep'
  const { decayT, decayRate, ...rest } = withDefaults<Required<MultistepOptions>>(owner, options, {
    decayT: required,
    decayRate: 1,
    warmupT: 0,
    warmupLrInit: 0,
    warmupPrefix: true
  })
  check(owner, { learningRate }, finite)
  check(owner, { decayT }, { what: 'an array of steps', holds: Array.isArray })
  check(owner, { decayRate }, positive)
  return Object.assign(
    warmed(
      owner,
      rest,
      learningRate,
      (step) => learningRate * pow(decayRate, decayT.filter((milestone) => milestone <= step + 1).length)
    ),
    { origin: ['timm.schedules.multistep', learningRate, { ...options }] }
  )
}
