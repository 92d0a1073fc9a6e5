import { required, withDefaults } from '@gradchain/core'
import { cosineAnnealingWarmRestarts as restarts, type Schedule } from '@gradchain/schedules'

/** Options of {@link cosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Number of steps of the first cycle, a whole number ≥ 1. */
  readonly t0: number
  /** Factor between the lengths of a cycle and the one before it, > 0; in PyTorch a whole number. @defaultValue `1` */
  readonly tMult?: number
  /** The least value, any finite number. @defaultValue `0` */
  readonly etaMin?: number
}

/**
 * PyTorch's `CosineAnnealingWarmRestarts`, of the same name here. All cycles begin at the learning rate: none is lower than the one before.
 *
 * @param learningRate - the first value of each cycle, any finite number.
 *
 * @example
 * const schedule = pytorch.schedules.cosineAnnealingWarmRestarts(8, { t0: 10, tMult: 2 })
 * schedule(5) // => 4
 * schedule(10) // => 8
 * schedule(20) // => 4
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html}
 */
export const cosineAnnealingWarmRestarts = (
  learningRate: number,
  options: CosineAnnealingWarmRestartsOptions
): Schedule => {
  const { t0, tMult, etaMin } = withDefaults<Required<CosineAnnealingWarmRestartsOptions>>(
    'pytorch.schedules.cosineAnnealingWarmRestarts',
    options,
    { t0: required, tMult: 1, etaMin: 0 }
  )
  return Object.assign(restarts({ initValue: learningRate, t0, tMult, endValue: etaMin }), {
    origin: ['pytorch.schedules.cosineAnnealingWarmRestarts', learningRate, { ...options }]
  })
}
