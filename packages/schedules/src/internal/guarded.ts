import { check, nonNegative } from '@gradchain/core'
import type { Schedule } from '../types.js'

/** The schedule `valueAt` that refuses, in the name of `owner`, a step that is negative, NaN, infinite or no number. */
export const guarded =
  (owner: string, valueAt: Schedule): Schedule =>
  (step) => {
    // The test stands before the call so that the ordinary step makes no object for the message.
    if (!nonNegative.holds(step)) check(owner, { step }, nonNegative)
    return valueAt(step)
  }
