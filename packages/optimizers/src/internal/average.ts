import { check, type GradientTransformation, inUnitInterval, optional, transformation } from '@gradchain/core'
import { type EmaOptions, type EmaState, ema } from '@gradchain/transforms'

/** The average that an optimizer keeps when it is given a momentum; without one, `null` stands in its place. */
export const keptAverage = (
  owner: string,
  momentum: number | undefined,
  options: EmaOptions
): GradientTransformation<EmaState> => {
  check(owner, { momentum }, optional(inUnitInterval))
  // Made in both cases, so that the options are checked in both.
  const kept = ema(momentum ?? 0, options)
  return momentum === undefined ? NOTHING_KEPT : kept
}

const NOTHING_KEPT = /* @__PURE__ */ transformation<EmaState>({
  init: () => ({ count: 0, ema: null }),
  update: (updates, { count }) => [updates, { count: count + 1, ema: null }]
})
