import { type Data, Kind } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import { Expr, type Leaf, shapeOf } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { bareOf } from '../transformation/edge.js'
import type { Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'

const views = /* @__PURE__ */ new WeakMap<Expr, Leaf>()

const isHalf = ({ kind }: Expr): boolean => kind === Kind.BF16 || kind === Kind.F16

const viewOf = (node: Expr, isBare: boolean): Leaf => {
  const data = node.data as Data
  if (node.shape === null && !isHalf(node)) return data as Float32Array
  const known = views.get(node)
  if (known !== undefined) return known
  const shaped = (): Leaf =>
    Object.freeze({ dtype: node.dtype, shape: Object.freeze([...shapeOf(node)]), data }) as NdArray
  const view = isBare && node.shape === null ? bareOf(node.kind, data) : shaped()
  views.set(node, view)
  return view
}

/** The array behind a node of a state that stays, under the same object each time; anything else as it is. */
export const viewed = (leaf: unknown): unknown => (leaf instanceof Expr ? viewOf(leaf, false) : leaf)

/** The arrays behind a tree of nodes, in the form in which params and gradients came. */
export const treeOfViews = (nodes: Tree<Value>): Tree<Leaf> =>
  map((leaf) => (leaf instanceof Expr ? viewOf(leaf, true) : leaf), nodes as Tree) as Tree<Leaf>
