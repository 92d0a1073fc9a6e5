import {
  type AnyGradientTransformation,
  boolean,
  definitionOf,
  type EmptyState,
  type ExtraOf,
  type GradientTransformation,
  type Leaf,
  required,
  type StateOf,
  type Tree,
  transformation,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { checkPerLeaf, expandPerLeaf } from '../internal/perLeaf.js'
import type { Mask } from './mask.js'
import { partition } from './partition.js'
import { setToZero } from './setToZero.js'

/** Options of {@link selectiveTransform}. */
export interface SelectiveTransformOptions<P = Tree<Leaf>, M = never> {
  /** Which leaves stay where they are: those where it is `true`. */
  readonly freezeMask: Mask<P, M>
}

/** State of {@link selectiveTransform}. */
export interface SelectiveTransformState<Inner> {
  /** By group, `train` and `freeze`; the inner state has `null` in place of the frozen leaves. */
  readonly innerStates: { readonly train: Inner; readonly freeze: EmptyState }
}

/**
 * Trains some leaves and keeps the others where they are: a frozen leaf gets an update of zero, and the inner transformation
 * neither counts it in a norm nor keeps a state for it.
 *
 *     u = 0           where freezeMask is true
 *     u = inner(g)    elsewhere
 *
 * It is `partition({ train: inner, freeze: setToZero() }, labels)` with the labels that the mask says. With
 * {@link byPath} a frozen backbone is one line: `selectiveTransform(adam, { freezeMask: byPath('backbone.**') })`.
 *
 * Laws: on the leaves that are not frozen, what `inner` does alone on them; all false is `inner`, all true sets to zero.
 *
 * @example
 * const tx = selectiveTransform(scale(-0.1), { freezeMask: byPath('backbone.**') })
 * const params = { backbone: [1, 2], head: 3 }
 * tx.update({ backbone: [10, NaN], head: 5 }, tx.init(params), params)[0] // => { backbone: [0, 0], head: -0.5 }
 *
 * @throws InvalidOption for a mask with a leaf that is no boolean; at init and update, InvalidTree where the mask does not
 * fit the params.
 * @see freeze, which stands behind a transformation that knows of all leaves; partition, for more than two groups.
 */
export const selectiveTransform = <T extends AnyGradientTransformation, P = Tree<Leaf>, const M = never>(
  inner: T,
  options: SelectiveTransformOptions<P, M>
): GradientTransformation<SelectiveTransformState<StateOf<T>>, ExtraOf<T>> => {
  const train = definitionOf('selectiveTransform', inner)
  const { freezeMask } = withDefaults<{ freezeMask: Mask<P, M> }>('selectiveTransform', options, {
    freezeMask: required
  })
  checkPerLeaf('selectiveTransform', 'freezeMask', freezeMask, boolean)
  const labels = (params: Tree<Leaf>): Tree<string> => {
    const isFrozen = expandPerLeaf<boolean>('selectiveTransform', 'freezeMask', freezeMask, params, boolean)
    return tree.map((frozen) => (frozen ? 'freeze' : 'train'), isFrozen)
  }
  return withOrigin(
    ['selectiveTransform', inner, { ...options }],
    partition({ train: transformation(train), freeze: setToZero() }, labels)
  )
}
