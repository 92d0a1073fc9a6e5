import type { Origin } from '@gradchain/core'

/** A function that remembers the call it was made by, for `describe`. */
export const withMeasureOrigin = <F extends object>(origin: Origin, measure: F): F => Object.assign(measure, { origin })
