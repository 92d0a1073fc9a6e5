import { abs, less, neg, type Tree, type Value, where } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { loweredTo } from './loweredTo.js'

/** The nearest tree whose magnitudes sum to `scale`: they are projected onto a simplex. */
export const l1Sphere = (values: Tree<Value>, scale: Value): Tree<Value> =>
  tree.map((x, length) => where(less(x, 0), neg(length), length), values, loweredTo(tree.map(abs, values), scale))
