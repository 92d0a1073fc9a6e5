import type { Leaf } from '../expression/expr.js'
import { concrete, evaluateTrees } from './edge.js'
import type { Tree } from './types.js'

/**
 * A tree of arrays out of a tree of expressions, all evaluated in one go.
 *
 * @example
 * force({ w: mul(2, new Float32Array([1, 2])) }) // => { w: Float32Array [2, 4] }
 */
export const force = (tree: Tree): Tree<Leaf> => {
  evaluateTrees(tree)
  return concrete(tree) as Tree<Leaf>
}
