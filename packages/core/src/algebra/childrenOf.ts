import { isContainer } from '../tree/tree.js'

/** The children of a node, each with its key; none of a leaf. */
export const childrenOf = (node: unknown): readonly (readonly [key: string | number, child: unknown])[] => {
  if (!isContainer(node)) return []
  return Array.isArray(node) ? node.map((child, i) => [i, child] as const) : Object.entries(node)
}
