import { definitionOf, div, type GradientTransformation, paramsAfter, sub, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Schedule } from '@gradchain/schedules'
import type { DecayFirstState } from './decayFirst.js'

/** Divides the params by 1 + r after the inner step, the proximal step of a decay: p ← (p + u) / (1 + r). */
export const shrinkAfter = <Inner>(
  owner: string,
  inner: GradientTransformation<Inner>,
  rate: Schedule
): GradientTransformation<DecayFirstState<Inner>> => {
  const { init, update } = definitionOf(owner, inner)
  return transformation<DecayFirstState<Inner>>({
    init: (params) => ({ count: 0, innerState: init(params) }),
    update: (updates, { count, innerState }, params) => {
      const [transformed, next] = update(updates, innerState, params, {})
      const share = rate(count)
      const after = paramsAfter(params, transformed)
      const both = share === 0 ? transformed : tree.map((p, q) => sub(div(q, 1 + share), p), params, after)
      return [both, { count: count + 1, innerState: next }]
    }
  })
}
