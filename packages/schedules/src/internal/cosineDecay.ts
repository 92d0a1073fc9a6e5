import { cosPi, pow } from '@gradchain/core/numbers'
import type { Schedule } from '../types.js'

/** The curve of `cosineDecaySchedule`, of options that were checked. */
export const cosineDecay =
  (initValue: number, decaySteps: number, alpha: number, exponent: number): Schedule =>
  (step) => {
    const half = 0.5 * (1 + cosPi(Math.min(step, decaySteps) / decaySteps))
    return initValue * ((1 - alpha) * pow(half, exponent) + alpha)
  }
