import type { Leaf } from '@gradchain/core'

/** How many axes a leaf has. */
export const axesOf = (leaf: Leaf): number => {
  if (typeof leaf === 'number') return 0
  return 'shape' in leaf ? leaf.shape.length : 1
}
