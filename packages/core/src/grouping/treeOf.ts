import { finished, recordFor } from '../tree/record.js'

/** A tree of some structure with what belongs in the place of each leaf. */
export const treeOf = (structure: unknown, leafOf: (leaf: number) => unknown): unknown => {
  if (typeof structure === 'number') return leafOf(structure)
  if (structure === null) return null
  if (Array.isArray(structure)) return structure.map((child) => treeOf(child, leafOf))
  const keys = keysOf(structure as object)
  const isBare = Object.getPrototypeOf(structure) === null
  const out = recordFor(keys.length, isBare)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    out[key] = treeOf((structure as typeof out)[key], leafOf)
  }
  return finished(out, keys.length, isBare)
}

const keyLists = new WeakMap<object, readonly string[]>()

/** The keys of a node of a structure, which does not change. */
export const keysOf = (node: object): readonly string[] => {
  const found = keyLists.get(node)
  if (found !== undefined) return found
  const keys = Object.keys(node)
  keyLists.set(node, keys)
  return keys
}
