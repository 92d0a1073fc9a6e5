import { fullLike, InvalidTree, type Operand, shapeOf, show, type Tree, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * What was given beside a tree, as a tree of the same structure: as such, or as a prefix of it, where a number stands for all elements of
 * what is at and below its place.
 *
 * @throws InvalidTree with the path, where the two do not fit.
 */
export const beside = (owner: string, name: string, given: Tree, values: Tree, other: string): Tree => {
  if (given === undefined) {
    throw new InvalidTree(`${owner}: ${name} must be a number or a tree like ${other}, got undefined`)
  }
  const expanded = tree.expandPrefix(given, values, owner, [name, other])
  const fitted = (x: Operand, y: Operand, place: string): Value | Operand => {
    const [wanted, found] = [shapeOf(x), shapeOf(y)]
    if (found.length === 0) return wanted.length === 0 ? y : fullLike(x, y as Value)
    if (found.length === wanted.length && found.every((n, axis) => n === wanted[axis])) return y
    throw new InvalidTree(`${owner}: ${name}${place} has shape ${show(found)}, ${other} has ${show(wanted)}`)
  }
  try {
    return tree.map((x: Operand, y: Operand) => fitted(x, y, ''), values, expanded)
  } catch {
    // Once more, to say where.
    return tree.mapWithPath((path: string, x: Operand, y: Operand) => fitted(x, y, path), values, expanded)
  }
}
