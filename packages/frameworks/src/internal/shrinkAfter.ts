import {
  definitionOf,
  div,
  type GradientTransformation,
  mul,
  type Operand,
  paramsAfter,
  sub,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Schedule } from '@gradchain/schedules'
import type { DecayFirstState } from '@gradchain/transforms'

/**
 * Shrinks the params after the inner step: p ← (p + u) / (1 + r), the proximal step of a decay, or p ← (p + u) (1 − r), as a share.
 */
export const shrinkAfter = <Inner>(
  owner: string,
  inner: GradientTransformation<Inner>,
  rate: Schedule,
  form: 'proximal' | 'share'
): GradientTransformation<DecayFirstState<Inner>> => {
  const { init, update } = definitionOf(owner, inner)
  return transformation<DecayFirstState<Inner>>({
    init: (params) => ({ count: 0, innerState: init(params) }),
    update: (updates, { count, innerState }, params) => {
      const [transformed, next] = update(updates, innerState, params, {})
      const share = rate(count)
      const shrunk = (q: Operand) => (form === 'proximal' ? div(q, 1 + share) : mul(1 - share, q))
      const after = paramsAfter(params, transformed)
      const both = share === 0 ? transformed : tree.map((p, q) => sub(shrunk(q), p), params, after)
      return [both, { count: count + 1, innerState: next }]
    }
  })
}
