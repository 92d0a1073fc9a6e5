import { required, withDefaults } from '@gradchain/core'
import { type Schedule, tanhSchedule } from '@gradchain/schedules'
import { CYCLES, type CycleOptions, cycles, warmed } from '../internal/cycles.js'

/** Options of {@link tanh}. */
export interface TanhOptions extends CycleOptions {
  /** Where on the curve of tanh the way begins, any finite number. @defaultValue `-7` */
  readonly lb?: number
  /** Where on the curve of tanh the way ends, a finite number > lb. @defaultValue `3` */
  readonly ub?: number
}

/**
 * timm's `TanhLRScheduler`: down along the hyperbolic tangent, once or in cycles.
 *
 * It begins a little below the learning rate and ends above `lrMin`. Unlike in {@link cosine}, a warmup without `warmupPrefix` rises to where the
 * curve is by then.
 *
 * `t_in_epochs` is the matter of whoever counts; noise is drawn from PyTorch's generator there, and is `noisySchedule` here.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * timm.schedules.tanh(8, { tInitial: 10, lb: -3, ub: 3 })(5) // => 4
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/timm/reference/schedulers}
 */
export const tanh = (learningRate: number, options: TanhOptions): Schedule => {
  const owner = 'timm.schedules.tanh'
  const { lb, ub, ...rest } = withDefaults<Required<TanhOptions>>(owner, options, {
    tInitial: required,
    ...CYCLES,
    lb: -7,
    ub: 3
  })
  const curve = tanhSchedule({ initValue: 1, decaySteps: 1, lowerBound: lb, upperBound: ub })
  const after = cycles(owner, learningRate, rest, curve)
  return Object.assign(warmed(owner, rest, rest.warmupPrefix ? learningRate : after(rest.warmupT), after), {
    origin: ['timm.schedules.tanh', learningRate, { ...options }]
  })
}
