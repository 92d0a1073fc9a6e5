import type { Data } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import { Expr, type Leaf } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'

const views = /* @__PURE__ */ new WeakMap<Expr, NdArray>()

const viewOf = (node: Expr): Leaf => {
  const data = node.data as Data
  if (node.shape === null) return data as Float32Array
  const known = views.get(node)
  if (known !== undefined) return known
  const view = Object.freeze({ dtype: node.dtype, shape: Object.freeze([...node.shape]), data }) as NdArray
  views.set(node, view)
  return view
}

/** The array behind a node that stays, under the same object each time; anything else as it is. */
export const viewed = (leaf: unknown): unknown => (leaf instanceof Expr ? viewOf(leaf) : leaf)

/** The arrays behind a tree of nodes. */
export const treeOfViews = (nodes: Tree<Value>): Tree<Leaf> => map(viewed, nodes as Tree) as Tree<Leaf>
