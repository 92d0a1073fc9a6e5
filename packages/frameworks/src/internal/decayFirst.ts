import { definitionOf, type GradientTransformation, mul, paramsAfter, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Schedule } from '@gradchain/schedules'

/** State of what {@link decayFirst} makes. */
export interface DecayFirstState<Inner> {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Takes a share of the params off before the inner transformation sees them: p ← p − r p, then its update of these. It is
 * `addDecayedWeights` unless the inner one looks at the params.
 */
export const decayFirst = <Inner>(
  owner: string,
  inner: GradientTransformation<Inner>,
  rate: Schedule
): GradientTransformation<DecayFirstState<Inner>> => {
  const { init, update } = definitionOf(owner, inner)
  return transformation<DecayFirstState<Inner>>({
    init: (params) => ({ count: 0, innerState: init(params) }),
    update: (updates, { count, innerState }, params) => {
      const share = rate(count)
      const decay = tree.map((p) => mul(-share, p), params)
      const decayed = share === 0 ? params : paramsAfter(params, decay)
      const [transformed, next] = update(updates, innerState, decayed, {})
      const both = share === 0 ? transformed : tree.add(transformed, decay)
      return [both, { count: count + 1, innerState: next }]
    }
  })
}
