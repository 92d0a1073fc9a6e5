import { check, type GradientTransformation, inClosedUnitInterval, optional, transformation } from '@gradchain/core'
import { type TraceOptions, type TraceState, trace } from '@gradchain/transforms'

/**
 * The trace that an optimizer keeps when it is given a momentum. Without one nothing is kept and nothing is done: the state
 * has the same type, and `null`, an empty tree, in the place of the trace. A trace with decay 0 would give the same numbers,
 * but it costs as much memory as the params, and after one NaN all of its updates are NaN.
 */
export const momentumTrace = (
  owner: string,
  momentum: number | undefined,
  options: TraceOptions
): GradientTransformation<TraceState> => {
  check(owner, { momentum }, optional(inClosedUnitInterval))
  // Made in both cases, so that the options are checked in both.
  const kept = trace(momentum ?? 0, options)
  return momentum === undefined ? NOTHING_KEPT : kept
}

const NOTHING_KEPT = /* @__PURE__ */ transformation<TraceState>({
  init: () => ({ count: 0, trace: null }),
  update: (updates, state) => [updates, state]
})
