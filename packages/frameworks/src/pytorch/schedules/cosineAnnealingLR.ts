import { check, finite, required, withDefaults } from '@gradchain/core'
import { cosineDecaySchedule, mapSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link cosineAnnealingLR}. */
export interface CosineAnnealingLROptions {
  /** Number of steps down to the least value, a whole number ≥ 1. */
  readonly tMax: number
  /** The least value, any finite number. @defaultValue `0` */
  readonly etaMin?: number
}

/**
 * PyTorch's `CosineAnnealingLR`: half a period of the cosine down, then up again.
 *
 * It does not stay at the end: trained on past `tMax`, the learning rate climbs back to where it began, at 2 tMax, and so on.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * const schedule = pytorch.schedules.cosineAnnealingLR(8, { tMax: 10 })
 * schedule(5) // => 4
 * schedule(10) // => 0
 * schedule(20) // => 8
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html}
 */
export const cosineAnnealingLR = (learningRate: number, options: CosineAnnealingLROptions): Schedule => {
  const { tMax, etaMin } = withDefaults<Required<CosineAnnealingLROptions>>(
    'pytorch.schedules.cosineAnnealingLR',
    options,
    { tMax: required, etaMin: 0 }
  )
  check('pytorch.schedules.cosineAnnealingLR', { learningRate, etaMin }, finite)
  const share = cosineDecaySchedule({ initValue: 1, decaySteps: tMax, afterEnd: 'mirror' })
  return Object.assign(
    mapSchedule(share, (left) => etaMin + (learningRate - etaMin) * left),
    { origin: ['pytorch.schedules.cosineAnnealingLR', learningRate, { ...options }] }
  )
}
