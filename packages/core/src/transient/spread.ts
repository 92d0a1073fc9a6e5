import type { Kind } from '../array/dtype.js'
import { type Contents, footprint } from '../engine/resident/arena.js'
import { Expr } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { isForeign } from '../transformation/edge.js'
import type { Tree } from '../transformation/types.js'
import { walk } from '../tree/tree.js'

/** What is in each memory, and in which one each array of the params and of the state is; a gradient is where its param is. */
export interface Spread {
  readonly contents: readonly Contents[]
  readonly memories: ReadonlyMap<Expr, number>
}

/** Bytes of arrays that belong together. */
interface Item {
  readonly nodes: Expr[]
  readonly params: number
  readonly grads: number
  state: number
}

/** How much room there is to be beside arrays: for so many bytes of params, of which the largest array has so many. */
type RoomFor = (params: number, largest: number, count: number) => number

/**
 * Deals what does not fit one memory out to several, in the order of the params: each with its gradient and with what in the state has its path, so that
 * an update finds all in one memory. What in the state belongs to no param comes last. There is as much room beside the arrays as one memory would have for them,
 * unless a single param takes so much that there is only the least.
 */
export const spread = (
  nodes: Tree<Value>,
  kindOfGrad: (kind: Kind) => Kind,
  state: unknown,
  most: number,
  roomFor: RoomFor,
  leastRoom: number
): Spread => {
  const items: Item[] = []
  const byPath = new Map<string, Item>()
  const others: Item[] = []
  walk('transient', ['params'], [nodes], ([node], path) => {
    if (!(node instanceof Expr) || node.isScalar) return null
    const item = {
      nodes: [node],
      params: footprint(node.kind, node.size),
      grads: footprint(kindOfGrad(node.kind), node.size),
      state: 0
    }
    items.push(item)
    byPath.set(path(), item)
    return null
  })
  const known = new Set(items.flatMap((item) => item.nodes))
  walk(
    'transient',
    ['state'],
    [state],
    ([node], path) => {
      if (!(node instanceof Expr) || node.isScalar || known.has(node)) return null
      const bytes = footprint(node.kind, node.size)
      const own = itemAt(byPath, path())
      if (own === undefined) others.push({ nodes: [node], params: 0, grads: 0, state: bytes })
      else {
        own.nodes.push(node)
        own.state += bytes
      }
      known.add(node)
      return null
    },
    { isLeaf: isForeign }
  )
  return dealtOut([...items, ...others], most, roomFor, leastRoom)
}

const dealtOut = (items: readonly Item[], most: number, roomFor: RoomFor, leastRoom: number): Spread => {
  const contents: Contents[] = []
  const memories = new Map<Expr, number>()
  let now: Contents = { params: 0, grads: 0, state: 0, scratch: leastRoom }
  let [largest, count] = [0, 0]
  for (const { nodes, params, grads, state } of items) {
    const sums = { params: now.params + params, grads: now.grads + grads, state: now.state + state }
    const room = roomFor(sums.params, Math.max(largest, params), count + 1)
    if (count > 0 && sums.params + sums.grads + sums.state + room > most) {
      contents.push(now)
      const left = most - params - grads - state
      now = { params, grads, state, scratch: Math.max(leastRoom, Math.min(roomFor(params, params, 1), left)) }
      ;[largest, count] = [params, 1]
    } else {
      const left = most - sums.params - sums.grads - sums.state
      now = { ...sums, scratch: Math.max(leastRoom, Math.min(room, left)) }
      ;[largest, count] = [Math.max(largest, params), count + 1]
    }
    for (const node of nodes) memories.set(node, contents.length)
  }
  return { contents: [...contents, now], memories }
}

/** The param that stands at the longest end of a path. */
const itemAt = (byPath: ReadonlyMap<string, Item>, path: string): Item | undefined => {
  for (let at = 0; at < path.length; at++) {
    if (at > 0 && path[at] !== '.' && path[at] !== '[') continue
    const found = byPath.get(path.slice(at))
    if (found !== undefined) return found
  }
  return byPath.get('')
}
