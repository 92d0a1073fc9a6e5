import type { Schedule } from '../types.js'
import { polynomial } from './polynomial.js'

/** The straight warmup of `linearSchedule`; an offset of 1 takes the first part of the way at step 0. */
export const rise = (initValue: number, peakValue: number, warmupSteps: number, offset: 0 | 1): Schedule => {
  const line = polynomial(initValue, peakValue, 1, warmupSteps)
  return (step) => line(step + offset)
}
