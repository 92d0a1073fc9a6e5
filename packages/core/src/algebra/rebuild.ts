// Walks through states, by the paths of all nodes and not of the leaves alone.
import { InvalidTree } from '../errors.js'
import type { Path } from '../tree/path.js'
import { isContainer, leaves, type TreeOf } from '../tree/tree.js'

/** The children of a node, each with its key; none of a leaf. */
export const childrenOf = (node: unknown): readonly (readonly [key: string | number, child: unknown])[] => {
  if (!isContainer(node)) return []
  return Array.isArray(node) ? node.map((child, i) => [i, child] as const) : Object.entries(node)
}

/** Says of a node that what is below it is to be visited, or that it is a leaf to keep. */
export const GO_ON = /* @__PURE__ */ Symbol('go on')

interface Task {
  readonly into: Record<string | number, unknown>
  readonly at: string | number
  readonly node: unknown
  readonly path: Path
}

/**
 * A copy of a state in which every node is what `visit` makes of it. Nodes are visited before what is below them, and in
 * tree order.
 *
 * @throws InvalidTree for a state that contains itself.
 */
export const rebuild = (owner: string, state: unknown, visit: (node: unknown, path: Path) => unknown): unknown => {
  refuseCircles(owner, state)
  const root: Record<string, unknown> = {}
  const pending: Task[] = [{ into: root, at: 'state', node: state, path: [] }]
  for (let task = pending.pop(); task !== undefined; task = pending.pop()) {
    const { into, at, node, path } = task
    const made = visit(node, path)
    into[at] = made === GO_ON ? node : made
    if (made !== GO_ON || !isContainer(node)) continue
    // With all children, so that their order stays; each is replaced when its turn comes.
    const out = shallowCopy(node)
    into[at] = out
    const children = childrenOf(node)
    for (let i = children.length - 1; i >= 0; i--) {
      const [key, child] = children[i] as (typeof children)[number]
      pending.push({ into: out, at: key, node: child, path: [...path, key] })
    }
  }
  return root['state']
}

/** A container with the same children, to be given others. */
export const shallowCopy = (node: object): Task['into'] =>
  Array.isArray(node)
    ? ([...node] as unknown as Task['into'])
    : Object.assign(Object.getPrototypeOf(node) === null ? Object.create(null) : {}, node)

/** Refuses a tree that contains itself. */
export const refuseCircles = (owner: string, state: unknown): void => {
  try {
    leaves(state as TreeOf<unknown>)
  } catch (error) {
    if (!(error instanceof InvalidTree)) throw error
    throw new InvalidTree(error.message.replace('leaves: tree', `${owner}: state`))
  }
}
