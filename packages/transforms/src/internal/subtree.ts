import type { Operand, Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** The leaves that are chosen, each in its place, and `null`, an empty subtree, in place of the others. */
export const subtree = (values: Tree, isChosen: Tree<boolean>): Tree =>
  tree.map((value, chosen) => (chosen ? value : null), values, isChosen)

/**
 * The values with other ones where they are chosen; these come from a tree shaped like the {@link subtree}.
 *
 * @throws InvalidTree when they have another structure.
 */
export const withSubtree = (values: Tree, isChosen: Tree<boolean>, chosen: Tree): Tree => {
  // Keys are matched by name, so that the order of what came back does not matter. Both walks go the way of the values, also
  // where these stand for groups of leaves.
  const others: Operand[] = []
  tree.map((_, other) => others.push(other as Operand), subtree(values, isChosen), chosen)
  let at = 0
  return tree.map((value, isIn) => (isIn ? (others[at++] as Operand) : value), values, isChosen)
}
