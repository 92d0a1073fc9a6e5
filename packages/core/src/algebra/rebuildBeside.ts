// Rebuilds a tree with others beside it that need not have all that it has.
import { InvalidTree } from '../errors.js'
import { isForeign, markForeign } from '../transformation/edge.js'
import type { Path } from '../tree/path.js'
import { isContainer, leaves, type TreeOf } from '../tree/tree.js'
import { childrenOf } from './childrenOf.js'

/** Says of a node that what is below it is to be visited, or that it is a leaf to keep. */
export const GO_ON = /* @__PURE__ */ Symbol('go on')

/** Says of a node that it is to be missing; of an item of a list, that those behind it are missing, too. */
export const LEAVE_OUT = /* @__PURE__ */ Symbol('leave out')

interface Task {
  readonly into: Record<string | number, unknown>
  readonly at: string | number
  readonly nodes: readonly unknown[]
  readonly path: Path
}

/**
 * A copy of the first tree in which every node is what `visit` makes of it and of what stands at its place in the others;
 * `undefined` where they have nothing there. What belongs to a user's own transformation goes on doing so.
 *
 * @throws InvalidTree for a tree that contains itself.
 */
export const rebuildBeside = (
  owner: string,
  trees: readonly unknown[],
  visit: (nodes: readonly unknown[], path: Path) => unknown
): unknown => {
  refuseCircles(owner, trees[0])
  const root: Record<string, unknown> = {}
  const pending: Task[] = [{ into: root, at: 'tree', nodes: trees, path: [] }]
  for (let task = pending.pop(); task !== undefined; task = pending.pop()) {
    const { into, at, nodes, path } = task
    const [node] = nodes
    const made = visit(nodes, path)
    if (made === LEAVE_OUT) {
      if (Array.isArray(into)) into.length = Math.min(into.length, at as number)
      else delete into[at]
      continue
    }
    into[at] = made === GO_ON ? node : made
    if (made !== GO_ON || !isContainer(node)) continue
    // With all children, so that their order stays; each is replaced when its turn comes.
    const out = shallowCopy(node)
    if (isForeign(node)) markForeign(out)
    into[at] = out
    const children = childrenOf(node)
    for (let i = children.length - 1; i >= 0; i--) {
      const [key] = children[i] as (typeof children)[number]
      pending.push({ into: out, at: key, nodes: nodes.map((of) => childAt(of, key)), path: [...path, key] })
    }
  }
  return root['tree']
}

const childAt = (node: unknown, key: string | number): unknown =>
  isContainer(node) && Object.hasOwn(node, key) ? (node as Record<string | number, unknown>)[key] : undefined

/** A container with the same children, to be given others. */
const shallowCopy = (node: object): Task['into'] =>
  Array.isArray(node)
    ? ([...node] as unknown as Task['into'])
    : Object.assign(Object.getPrototypeOf(node) === null ? Object.create(null) : {}, node)

/** Refuses a tree that contains itself. */
const refuseCircles = (owner: string, state: unknown): void => {
  try {
    leaves(state as TreeOf<unknown>)
  } catch (error) {
    if (!(error instanceof InvalidTree)) throw error
    throw new InvalidTree(error.message.replace('leaves: tree', `${owner}: state`))
  }
}
