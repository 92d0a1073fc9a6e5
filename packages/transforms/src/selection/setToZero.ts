import { type EmptyState, type GradientTransformation, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Sets every update to zero, whatever came in, NaN and infinities included.
 *
 *     u = 0
 *
 * Laws: constant; idempotent; what stands before it in a chain does not show.
 *
 * @example
 * setToZero().update({ w: 3 }, {}, { w: 1 })[0] // => { w: 0 }
 *
 * @see freeze, which sets the updates of some leaves to zero.
 */
export const setToZero = (): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    origin: ['setToZero'],
    init: () => ({}),
    update: (updates, state) => [tree.zerosLike(updates), state]
  })
