import { add, type EmptyState, type GradientTransformation, less, neg, transformation, where } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Shortens updates that would make params negative: these end at 0.
 *
 * Elementwise, for the update g and the param p:
 *
 *     u = −p        where p + g < 0
 *     u = g         elsewhere
 *
 * so that p + u ≥ 0, exactly. It stands last in a chain, after the learning rate: what it is given is what is added to the
 * params. Params that are negative to begin with move to 0 unless the update takes them further.
 *
 * Laws: elementwise; p + u ≥ 0; nothing changes where p + g ≥ 0, bit for bit; idempotent.
 *
 * @example
 * const params = { w: [1, 1, 0] }
 * const [updates] = keepParamsNonnegative().update({ w: [-3, -0.5, 2] }, {}, params)
 * updates // => { w: [-1, -0.5, 2] }
 * applyUpdates(params, updates) // => { w: [0, 0.5, 2] }
 *
 * @see keepParamsInBox
 */
export const keepParamsNonnegative = (): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    origin: ['keepParamsNonnegative'],
    init: () => ({}),
    update: (updates, state, params) => [
      tree.map((g, p) => where(less(add(p, g), 0), neg(p), g), updates, params),
      state
    ]
  })
