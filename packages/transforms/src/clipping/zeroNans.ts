import {
  equal,
  type GradientTransformation,
  min,
  notEqual,
  sum,
  type Tree,
  transformation,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** State of {@link zeroNans}. */
export interface ZeroNansState {
  /** For each leaf 1 when the last update of it held a NaN, else 0. Nothing here reads it; it is for you to look at. */
  readonly foundNan: Tree
}

/**
 * Replaces each NaN in the updates by 0. Infinities stay.
 *
 * Elementwise, for the update g:
 *
 *     u = g        where g = g
 *     u = 0        elsewhere: where it is NaN
 *
 * Laws: elementwise; odd; idempotent; nothing changes without a NaN, bit for bit.
 *
 * @example
 * const tx = zeroNans()
 * const params = { w: [0, 0], b: 0 }
 * tx.update({ w: [NaN, 2], b: Infinity }, tx.init(params), params)
 * // => [{ w: [0, 2], b: Infinity }, { foundNan: { w: [1, 0], b: 0 } }]
 *
 * @see applyIfFinite, which leaves out the step instead.
 */
export const zeroNans = (): GradientTransformation<ZeroNansState> =>
  transformation<ZeroNansState>({
    origin: ['zeroNans'],
    init: (params) => ({ foundNan: tree.map(() => 0, params) }),
    update: (updates) => [
      tree.map((g) => where(equal(g, g), g, 0), updates),
      { foundNan: tree.map((g) => min(1, sum(notEqual(g, g))), updates) }
    ]
  })
