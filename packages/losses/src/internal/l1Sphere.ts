import { abs, less, lessEqual, neg, sub, type Tree, type Value, where } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { simplexThreshold } from './simplexThreshold.js'

/** The nearest tree whose magnitudes sum to `scale`: they are projected onto a simplex. */
export const l1Sphere = (values: Tree<Value>, scale: Value): Tree<Value> => {
  const magnitudes = tree.map(abs, values)
  const threshold = simplexThreshold(magnitudes, scale)
  return tree.map(
    (x, magnitude) => {
      const lowered = sub(magnitude, threshold)
      const length = where(lessEqual(lowered, 0), 0, lowered)
      return where(less(x, 0), neg(length), length)
    },
    values,
    magnitudes
  )
}
