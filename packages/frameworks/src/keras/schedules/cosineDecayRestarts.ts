import { check, finite, required, withDefaults } from '@gradchain/core'
import { cosineAnnealingWarmRestarts, mapSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link cosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** Number of steps of the first cycle, a whole number ≥ 1. */
  readonly firstDecaySteps: number
  /** Factor between the lengths of a cycle and the one before it, finite and > 0. @defaultValue `2` */
  readonly tMul?: number
  /** Factor between the heights of a cycle and the one before it, finite and > 0. @defaultValue `1` */
  readonly mMul?: number
  /** The value at the end of the first cycle as a share of its first, any finite number. @defaultValue `0` */
  readonly alpha?: number
}

/**
 * Keras's `CosineDecayRestarts`: `cosineAnnealingWarmRestarts`.
 *
 * A cycle is twice as long as the one before it, unless `tMul` says otherwise. The value that cycles end at is a share of the initial
 * learning rate, and is not multiplied by `mMul`.
 *
 * @param initialLearningRate - the first value, any finite number.
 *
 * @example
 * const schedule = keras.schedules.cosineDecayRestarts(8, { firstDecaySteps: 10 })
 * schedule(5) // => 4
 * schedule(10) // => 8
 * schedule(20) // => 4
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/}
 */
export const cosineDecayRestarts = (initialLearningRate: number, options: CosineDecayRestartsOptions): Schedule => {
  const { firstDecaySteps, tMul, mMul, alpha } = withDefaults<Required<CosineDecayRestartsOptions>>(
    'keras.schedules.cosineDecayRestarts',
    options,
    {
      firstDecaySteps: required,
      tMul: 2,
      mMul: 1,
      alpha: 0
    }
  )
  check('keras.schedules.cosineDecayRestarts', { initialLearningRate, alpha }, finite)
  // Only what is above the last value gets lower from cycle to cycle in ours, and all of it in Keras's.
  const share = cosineAnnealingWarmRestarts({ initValue: 1, t0: firstDecaySteps, tMult: tMul, mMult: mMul })
  return Object.assign(
    mapSchedule(share, (left) => initialLearningRate * ((1 - alpha) * left + alpha)),
    { origin: ['keras.schedules.cosineDecayRestarts', initialLearningRate, { ...options }] }
  )
}
