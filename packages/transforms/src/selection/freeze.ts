import {
  type EmptyState,
  type GradientTransformation,
  type Leaf,
  type Tree,
  transformation,
  zerosLike
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { checkMask, expandMask } from '../internal/expandMask.js'
import type { Mask } from './mask.js'

/**
 * Keeps leaves where they are: where the mask is `true`, the update is exactly zero, whatever came in; the other updates
 * pass through unchanged.
 *
 *     u = 0    where the mask is true
 *     u = g    elsewhere
 *
 * It stands last in a chain: what comes after it, weight decay for one, can set a leaf moving again. The transformations
 * before it still see the frozen leaves, count them in norms and keep states for them; where that matters, give the frozen
 * leaves to a transformation of their own with {@link partition}.
 *
 * Laws: idempotent; freezing after freezing is freezing where either mask is true; all false is the identity.
 *
 * @example
 * const tx = chain(scale(-0.1), freeze({ backbone: true, head: false }))
 * const params = { backbone: [1, 2], head: 3 }
 * tx.update({ backbone: [10, NaN], head: 5 }, tx.init(params), params)[0] // => { backbone: [0, 0], head: -0.5 }
 *
 * @throws InvalidOption for a mask with a leaf that is no boolean; at update, InvalidTree where the mask does not fit the
 * params.
 * @see masked, partition
 */
export const freeze = <P = Tree<Leaf>, const M = never>(mask: Mask<P, M>): GradientTransformation<EmptyState> => {
  checkMask('freeze', mask)

  return transformation<EmptyState>({
    origin: ['freeze', mask],
    init: (params) => {
      expandMask('freeze', mask, params)
      return {}
    },
    update: (updates, state, params) => [
      tree.map((g, isFrozen) => (isFrozen ? zerosLike(g) : g), updates, expandMask('freeze', mask, params)),
      state
    ]
  })
}
