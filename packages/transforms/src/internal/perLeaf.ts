import { check, type Leaf, type Requirement, type Tree, viewsOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * One `V` for every leaf of the params: a single one for all; a tree of them shaped like the params, or like a prefix of
 * them, where one stands for everything below it; or a function that makes either out of the params, of type `P`.
 *
 * `M` is for trees whose type is an interface, which have no index signature: it is inferred, then checked leaf by leaf.
 */
export type PerLeaf<V extends boolean | number | string, P = Tree<Leaf>, M = never> =
  | V
  | Tree<V>
  | ((params: P) => V | Tree<V>)
  | (M & ValidPerLeaf<V, M>)

// What is a tree by its type is one: to go through the type of all trees would not end.
type ValidPerLeaf<V, M> = [M] extends [Tree<V>]
  ? M
  : M extends string | number | boolean | bigint | symbol | undefined
    ? never
    : M extends (params: infer P) => infer R
      ? (params: P) => ValidPerLeaf<V, R>
      : { readonly [K in keyof M]: ValidPerLeaf<V, M[K]> }

// The type that a user's function asks for, and that of an interface, are no longer of interest inside.
type Erased<V extends boolean | number | string> = Tree<V> | ((params: Tree<Leaf>) => Tree<V>)

const refuse = (owner: string, name: string, values: Tree<unknown>, what: Requirement): void => {
  tree.mapWithPath((path, value) => check(owner, { [name + path]: value }, what), values)
}

/** Refuses, before there are params, what is no function and does not hold what it must everywhere. */
export const checkPerLeaf = (owner: string, name: string, given: unknown, what: Requirement): void => {
  if (typeof given !== 'function') refuse(owner, name, given as Tree<unknown>, what)
}

/**
 * The full tree, one value for each leaf of the params.
 *
 * @throws InvalidTree where the given tree has a node that the params have not; InvalidOption for a value that is not what
 * it must be. Both name the path.
 */
export const expandPerLeaf = <V extends boolean | number | string>(
  owner: string,
  name: string,
  given: unknown,
  params: Tree,
  what: Requirement
): Tree<V> => {
  const erased = given as Erased<V>
  const prefix = typeof erased === 'function' ? erased(viewsOf(params)) : erased
  const expanded = tree.expandPrefix(prefix, params, owner, [name, 'params'])
  if (!tree.leaves<unknown>(prefix).every(what.holds)) refuse(owner, name, prefix, what)
  return expanded
}
