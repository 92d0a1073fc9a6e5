import { oneOf, type Requirement } from '@gradchain/core'
import { cosPi } from '@gradchain/core/numbers'
import type { InterpolateType, Schedule } from '../types.js'

/** A step and the factor that is reached there. */
export type Knot = readonly [step: number, scale: number]

/** Between two values, for a share of the way in `[0, 1]`. */
export const blends = {
  linear: (from: number, to: number, share: number): number => (to - from) * share + from,
  cosine: (from: number, to: number, share: number): number => to + ((from - to) / 2) * (cosPi(share) + 1)
}

/** What an `InterpolateType` must be. */
export const anInterpolateType: Requirement = /* @__PURE__ */ oneOf('linear', 'cosine')

/**
 * From `initValue` at step 0 through initValue · scale₁ at the first knot, initValue · scale₁ · scale₂ at the second …;
 * the last value is held. The knots are in order; where two share a step, the value jumps.
 */
export const interpolate = (interpolateType: InterpolateType, initValue: number, knots: readonly Knot[]): Schedule => {
  const blend = blends[interpolateType]
  const segments: { from: number; to: number; begin: number; end: number }[] = []
  let from = initValue
  let begin = 0
  for (const [end, scale] of knots) {
    const to = from * scale
    segments.push({ from, to, begin, end })
    from = to
    begin = end
  }
  const last = from

  return (step) => {
    for (const { from, to, begin, end } of segments) {
      if (step < end) return blend(from, to, (step - begin) / (end - begin))
    }
    return last
  }
}
