import {
  type AnyGradientTransformation,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  type Leaf,
  type StateOf,
  type Tree,
  transformation
} from '@gradchain/core'
import { checkMask, expandMask } from '../internal/expandMask.js'
import { subtree, withSubtree } from '../internal/subtree.js'
import type { Mask } from './mask.js'

/** State of {@link masked}. */
export interface MaskedState<Inner> {
  /** State of the inner transformation, with `null` in place of what is masked out. */
  readonly innerState: Inner
}

/**
 * Transforms only the leaves where the mask is `true`. **The others pass through unchanged**: what comes out for them is what
 * came in, so that a mask around a whole optimizer lets the raw gradients of the others through, and adding those climbs.
 * To keep leaves where they are, use {@link freeze}, or {@link partition} with a transformation that sets updates to zero.
 *
 *     u = inner(g)    where the mask is true
 *     u = g           elsewhere
 *
 * The inner transformation does not know of the other leaves: in its updates, params and state `null`, an empty subtree,
 * stands in their place, so that it neither counts them in a norm nor keeps a state for them.
 *
 * A mask that is a function is given the params, at init and at every update; it must give the same answer each time.
 *
 * Laws: nested masks are one mask, true where both are; a prefix is the mask it expands to; all true is `inner`, all false
 * the identity.
 *
 * @example
 * const tx = masked(scale(-0.1), { kernel: true, bias: false })
 * const params = { kernel: new Float32Array([1, 2]), bias: 3 }
 * const grads = { kernel: new Float32Array([10, 20]), bias: 5 }
 * tx.update(grads, tx.init(params), params)[0] // => { kernel: Float32Array [-1, -2], bias: 5 }
 *
 * @example
 * // Weight decay for what has at least two axes.
 * const isMatrix = (params: Tree<Leaf>) => tree.map((p) => typeof p === 'object' && 'shape' in p && p.shape.length > 1, params)
 * const tx = masked(addDecayedWeights(1e-4), isMatrix)
 *
 * @throws InvalidOption for a mask with a leaf that is no boolean; at init and update, InvalidTree where the mask does not
 * fit the params.
 * @see freeze, partition
 */
export const masked = <T extends AnyGradientTransformation, P = Tree<Leaf>, const M = never>(
  inner: T,
  mask: Mask<P, M>
): GradientTransformation<MaskedState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update, takesRows } = definitionOf('masked', inner)
  checkMask('masked', mask)

  return transformation<MaskedState<StateOf<T>>, ExtraOf<T>>({
    origin: ['masked', inner, mask],
    init: (params) => ({ innerState: init(subtree(params, expandMask('masked', mask, params))) }),
    update: (updates, state, params, extra) => {
      const isChosen = expandMask('masked', mask, params)
      const [transformed, innerState] = update(
        subtree(updates, isChosen),
        state.innerState,
        subtree(params, isChosen),
        extra
      )
      return [withSubtree(updates, isChosen, transformed), { innerState }]
    },
    takesRows
  })
}
