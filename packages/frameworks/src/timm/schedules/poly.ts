import { check, positive, required, withDefaults } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import type { Schedule } from '@gradchain/schedules'
import { CYCLES, type CycleOptions, cycles, warmed } from '../internal/cycles.js'

/** Options of {@link poly}. */
export interface PolyOptions extends CycleOptions {
  /** Power of the share that is left, finite and > 0. @defaultValue `0.5` */
  readonly power?: number
  /** Power k of the share of the way, finite and > 0; above 1 the value falls later. @defaultValue `1` */
  readonly kDecay?: number
}

/**
 * timm's `PolyLRScheduler`: a power of what is left, once or in cycles.
 *
 * The power is 0.5 by default: it falls late and steeply, where a straight line is `power: 1`. For the warmup see {@link cosine}.
 *
 * `t_in_epochs` is the matter of whoever counts; noise is drawn from PyTorch's generator there, and is `noisySchedule` here.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * timm.schedules.poly(8, { tInitial: 10, power: 2 })(5) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/timm/reference/schedulers}
 */
export const poly = (learningRate: number, options: PolyOptions): Schedule => {
  const owner = 'timm.schedules.poly'
  const { power, kDecay, ...rest } = withDefaults<Required<PolyOptions>>(owner, options, {
    tInitial: required,
    ...CYCLES,
    power: 0.5,
    kDecay: 1
  })
  check(owner, { power, kDecay }, positive)
  const after = cycles(owner, learningRate, rest, (share) => pow(1 - pow(share, kDecay), power))
  return Object.assign(warmed(owner, rest, learningRate, after), {
    origin: ['timm.schedules.poly', learningRate, { ...options }]
  })
}
