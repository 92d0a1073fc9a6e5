import { check, div, type EmptyState, type GradientTransformation, nonNegative, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** What {@link scaleByStaleness} needs beyond the params. */
export interface StalenessExtra {
  /** How many updates of others came in between reading the params and this update, τ, finite and ≥ 0. */
  readonly staleness: number
}

/**
 * Makes the rate of a late gradient smaller: what was measured at params from τ updates ago moves them a τ-th as far.
 *
 *     u = g / max(1, τ)
 *
 * τ is the extra argument `staleness`, which whoever applies the updates of many workers counts: how many others were applied since this one
 * read the params. {@link staleGradients} and {@link simulateAsync} give it.
 *
 * Laws: linear in the gradient; with τ ≤ 1 the identity.
 *
 * @example
 * const tx = chain(scaleByStaleness(), scale(-0.5))
 * const params = { w: 0 }
 * tx.update({ w: 8 }, tx.init(params), params, { staleness: 4 })[0] // => { w: -1 }
 *
 * @throws InvalidOption at update, when the staleness is no finite number ≥ 0.
 * @see Zhang et al. (2016), Staleness-aware Async-SGD for Distributed Deep Learning, {@link https://arxiv.org/abs/1511.05950}
 */
export const scaleByStaleness = (): GradientTransformation<EmptyState, StalenessExtra> =>
  transformation<EmptyState, StalenessExtra>({
    origin: ['scaleByStaleness'],
    init: () => ({}),
    update: (updates, state, _, extra) => {
      const staleness = extra?.staleness
      check('scaleByStaleness', { staleness }, nonNegative)
      return [tree.map((g) => div(g, Math.max(1, staleness)), updates), state]
    }
  })
