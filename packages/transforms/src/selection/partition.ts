import {
  type AnyGradientTransformation,
  check,
  type Definition,
  definitionOf,
  type GradientTransformation,
  type Leaf,
  type NamedChainExtra,
  type NamedChainState,
  oneOf,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { checkPerLeaf, expandPerLeaf, type PerLeaf } from '../internal/perLeaf.js'
import { anObject } from '../internal/requirements.js'
import { subtree, withSubtree } from '../internal/subtree.js'

/**
 * Which transformation each leaf belongs to: one label for all; a tree of labels shaped like the params, or like a prefix of
 * them, where one label stands for everything below it; or a function that makes either out of the params.
 *
 * `P` is what the function takes its argument to be; without an annotation it is a tree of arrays and numbers. `M` is the
 * type of a tree that is an interface. Both are inferred.
 */
export type Labels<P = Tree<Leaf>, M = never> = PerLeaf<string, P, M>

/** State of {@link partition}. */
export interface PartitionState<T extends Readonly<Record<string, AnyGradientTransformation>>> {
  /** The state of each transformation, by label, with `null` in place of the leaves of the others. */
  readonly innerStates: NamedChainState<T>
}

/**
 * Gives each leaf to one of several transformations, the one that its label names.
 *
 *     u = transforms[label](g)
 *
 * Each of them works on its own subtree and does not know of the rest: `null`, an empty subtree, stands in place of the
 * other leaves. A global norm is therefore one per label. A transformation that no leaf asks for is allowed, and has the state of an
 * empty tree.
 *
 * Labels that are a function are given the params, at init and at every update; they must be the same each time.
 *
 * Laws: on the leaves of a label, what its transformation does alone on these leaves; the order of the transformations does
 * not matter; one label for all is that transformation.
 *
 * @example
 * const tx = partition({ train: scale(-0.1), keep: freeze(true) }, { backbone: 'keep', head: 'train' })
 * const params = { backbone: [1, 2], head: { kernel: 3, bias: 4 } }
 * const grads = { backbone: [10, 20], head: { kernel: 30, bias: 40 } }
 * tx.update(grads, tx.init(params), params)[0] // => { backbone: [0, 0], head: { kernel: -3, bias: -4 } }
 *
 * @throws InvalidOption for a label without a transformation, with its path and the labels there are; at init and update,
 * InvalidTree where the labels do not fit the params.
 * @see masked, freeze
 */
export const partition = <
  const T extends Readonly<Record<string, AnyGradientTransformation>>,
  P = Tree<Leaf>,
  const M = never
>(
  transforms: T,
  labels: Labels<P, M>
): GradientTransformation<PartitionState<T>, NamedChainExtra<T>> => {
  check('partition', { transforms }, anObject)
  const names = Object.keys(transforms)
  const known = oneOf(...names)
  // Each part takes what it needs out of the extra of the whole, which is the intersection of theirs.
  const parts = Object.entries(transforms).map(
    ([name, part]) => [name, definitionOf('partition', part) as Definition<unknown>] as const
  )
  checkPerLeaf('partition', 'labels', labels, known)

  const labelled = (params: Tree) => {
    const full = expandPerLeaf<string>('partition', 'labels', labels, params, known)
    return (name: string): Tree<boolean> => tree.map((label) => label === name, full)
  }

  return transformation<PartitionState<T>, NamedChainExtra<T>>({
    origin: ['partition', { ...transforms }, labels],
    init: (params) => {
      const belongsTo = labelled(params)
      const states = parts.map(([name, { init }]) => [name, init(subtree(params, belongsTo(name)))])
      return { innerStates: Object.fromEntries(states) as NamedChainState<T> }
    },
    update: (updates, state, params, extra) => {
      const belongsTo = labelled(params)
      let merged = updates
      const states = parts.map(([name, { update }]) => {
        const isOwn = belongsTo(name)
        const inner = state.innerStates[name as keyof T]
        const [transformed, next] = update(subtree(updates, isOwn), inner, subtree(params, isOwn), extra)
        merged = withSubtree(merged, isOwn, transformed)
        return [name, next]
      })
      return [merged, { innerStates: Object.fromEntries(states) as NamedChainState<T> }]
    },
    takesRows: parts.some(([, { takesRows }]) => takesRows === true)
  })
}
