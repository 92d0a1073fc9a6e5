import type { Operand, Tree } from '@gradchain/core'
import type { Folding } from './folding.js'
import { mapPlaced, type Places, placesIn } from './mapPlaced.js'

/** For each axis a tree of what an axis of each leaf keeps; 0 where it keeps nothing. */
export const perAxis = (
  foldings: Places<Folding>,
  keeps: (folding: Folding, axis: number) => boolean,
  f: (folding: Folding, axis: number, leaf: Operand, ...kept: Operand[]) => Operand,
  leaves: Tree,
  ...kept: readonly (readonly Tree[])[]
): readonly Tree[] => {
  const most = placesIn(foldings).reduce((found, { lengths }) => Math.max(found, lengths.length), 0)
  return Array.from({ length: most }, (_, axis) =>
    mapPlaced(
      (folding, leaf, ...own) => (keeps(folding, axis) ? f(folding, axis, leaf, ...own) : 0),
      foldings,
      leaves,
      ...kept.map((trees) => trees[axis] as Tree)
    )
  )
}
