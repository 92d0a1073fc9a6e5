import type { Leaf, Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { formOf } from './forms.js'

/** A part of a tree. */
export type Bucket = Tree<Leaf | string>

/** How many bytes a leaf has. */
export const bytesOfLeaf = (leaf: Leaf): number => {
  if (typeof leaf === 'number') return 8
  return 'data' in leaf ? leaf.data.byteLength : leaf.byteLength
}

/**
 * A tree in parts that follow each other: each of the same structure, with their forms in place of the leaves of the others, so that ranks compare all with
 * the first of them. Leaves stay whole; a part is full with the leaf that brings it to so many bytes.
 */
export const bucketsOf = (values: Tree<Leaf>, bytes: number): readonly Bucket[] => {
  let [count, filled] = [0, 0]
  const numbers = tree.leaves<Leaf>(values).map((leaf) => {
    const number = count
    filled += bytesOfLeaf(leaf)
    if (filled >= bytes) [count, filled] = [count + 1, 0]
    return number
  })
  const used = (numbers.at(-1) ?? 0) + 1
  if (used === 1) return [values]
  return Array.from({ length: used }, (_, bucket) => {
    let at = 0
    return tree.unflatten(
      values,
      tree.leaves<Leaf>(values).map((leaf) => (numbers[at++] === bucket ? leaf : formOf(leaf)))
    ) as Bucket
  })
}

/** The tree that parts were made of, out of other parts of the same form. */
export const rejoined = (like: Tree<Leaf>, parts: readonly Bucket[]): Tree<Leaf> => {
  const [only] = parts
  if (parts.length === 1) return only as Tree<Leaf>
  // Parts follow each other, and so do their leaves.
  return tree.unflatten(
    like,
    parts.flatMap((part) => tree.leaves<Leaf | string>(part).filter((leaf) => typeof leaf !== 'string'))
  ) as Tree<Leaf>
}
