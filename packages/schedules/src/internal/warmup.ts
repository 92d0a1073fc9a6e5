import type { InterpolateType, Schedule } from '../types.js'
import { blends } from './interpolate.js'

/** From one value to another in so many steps, and held there; an offset of 1 takes the first part of the way at step 0. */
export const warmup =
  (shape: InterpolateType, initValue: number, peakValue: number, warmupSteps: number, offset: 0 | 1): Schedule =>
  (step) => {
    const done = step + offset
    return done >= warmupSteps ? peakValue : blends[shape](initValue, peakValue, done / warmupSteps)
  }
