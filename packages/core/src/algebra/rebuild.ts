// Walks through states, by the paths of all nodes and not of the leaves alone.
import type { Path } from '../tree/path.js'
import { rebuildBeside } from './rebuildBeside.js'

/**
 * A copy of a state in which every node is what `visit` makes of it. Nodes are visited before what is below them, and in
 * tree order.
 *
 * @throws InvalidTree for a state that contains itself.
 */
export const rebuild = (owner: string, state: unknown, visit: (node: unknown, path: Path) => unknown): unknown =>
  rebuildBeside(owner, [state], ([node], path) => visit(node, path))
