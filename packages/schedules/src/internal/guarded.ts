import { check, nonNegative, type Origin } from '@gradchain/core'
import type { Schedule } from '../types.js'

/**
 * The schedule `valueAt`, which refuses, in the name of the factory that makes it, a step that is negative, NaN, infinite or no
 * number.
 */
export const guarded = (origin: Origin, valueAt: Schedule): Schedule => {
  const schedule: Schedule = (step) => {
    // The test stands before the call so that the ordinary step makes no object for the message.
    if (!nonNegative.holds(step)) check(origin[0], { step }, nonNegative)
    return valueAt(step)
  }
  return Object.assign(schedule, { origin })
}
