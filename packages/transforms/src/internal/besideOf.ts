import { InvalidTree, type Operand, shapeOf, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { isOperand } from './isOperand.js'

/** What a user hands over beside a tree, and what the two are called. */
interface Beside {
  readonly owner: string
  readonly name: string
  readonly likeName: string
}

/**
 * A tree that a user handed over, when it has the structure of another.
 *
 * @throws InvalidTree with the path, in the names that both have for the user.
 */
export const besideOf = ({ owner, name, likeName }: Beside, given: unknown, like: Tree): Tree => {
  const found = given as Tree
  // Each as a prefix of the other: then neither has a subtree where the other has a leaf.
  tree.expandPrefix(like, found, owner, [likeName, name])
  tree.expandPrefix(found, like, owner, [name, likeName])
  return tree.mapWithPath((path: string, leaf: unknown): Operand => {
    if (isOperand(leaf)) return leaf
    throw new InvalidTree(`${owner}: ${name}${path} must be a number or an array, got ${show(leaf)}`)
  }, found)
}

/**
 * The same for one whose leaves have the same shapes, too; in the dtypes of the other.
 *
 * @throws InvalidTree with the path.
 */
export const besideLike = (names: Beside, given: unknown, like: Tree): Tree => {
  const found = besideOf(names, given, like)
  tree.mapWithPath(
    (path: string, g: Operand, h: Operand) => {
      const [wanted, is] = [shapeOf(g), shapeOf(h)].map(show)
      if (is !== wanted) {
        throw new InvalidTree(`${names.owner}: ${names.name}${path} has shape ${is}, ${names.likeName} has ${wanted}`)
      }
      return 0
    },
    like,
    found
  )
  return tree.castLike(found, like)
}
