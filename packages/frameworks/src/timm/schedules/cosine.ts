import { check, positive, required, withDefaults } from '@gradchain/core'
import { cosPi, pow } from '@gradchain/core/numbers'
import type { Schedule } from '@gradchain/schedules'
import { CYCLES, type CycleOptions, cycles, warmed } from '../internal/cycles.js'

/** Options of {@link cosine}. */
export interface CosineOptions extends CycleOptions {
  /** Power k of the share of the way, finite and > 0; above 1 the value falls later. @defaultValue `1` */
  readonly kDecay?: number
}

/**
 * timm's `CosineLRScheduler`: half a period of the cosine, once or in cycles.
 *
 * Without `warmupPrefix`, the default, the warmup takes the place of the first steps of the cosine: it rises to the learning rate and then
 * drops onto the cosine where that is by then. After the last cycle the value is `lrMin`. A cycle that is lower begins at a share of the
 * learning rate, whatever `lrMin` is.
 *
 * `t_in_epochs` is the matter of whoever counts; noise is drawn from PyTorch's generator there, and is `noisySchedule` here.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * const schedule = timm.schedules.cosine(8, { tInitial: 10, warmupT: 5 })
 * schedule(1) // => 1.6
 * schedule(5) // => 4
 * timm.schedules.cosine(8, { tInitial: 10, warmupT: 5, warmupPrefix: true })(5) // => 8
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/timm/reference/schedulers}
 */
export const cosine = (learningRate: number, options: CosineOptions): Schedule => {
  const owner = 'timm.schedules.cosine'
  const { kDecay, ...rest } = withDefaults<Required<CosineOptions>>(owner, options, {
    tInitial: required,
    ...CYCLES,
    kDecay: 1
  })
  check(owner, { kDecay }, positive)
  const after = cycles(owner, learningRate, rest, (share) => 0.5 * (1 + cosPi(pow(share, kDecay))))
  return Object.assign(warmed(owner, rest, learningRate, after), {
    origin: ['timm.schedules.cosine', learningRate, { ...options }]
  })
}
