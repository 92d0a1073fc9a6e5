import type { Structure } from '../grouping/layout.js'

/**
 * Arranges leaves by how many axes they have and by their last key: those of one name lie together, as masks often go by names, so
 * that a part of a group that is told apart is one stretch.
 */
export const byName = ({ tree, forms }: Structure): ((members: number[]) => void) => {
  const keys = lastKeysOf(tree, '')
  const nameOf = (leaf: number): string => `${forms[leaf]?.shape?.length ?? 1} ${keys[leaf]}`
  return (members) => {
    const names = new Map<string, number>()
    for (const leaf of members) if (!names.has(nameOf(leaf))) names.set(nameOf(leaf), names.size)
    const rank = (leaf: number): number => names.get(nameOf(leaf)) as number
    members.sort((a, b) => rank(a) - rank(b) || a - b)
  }
}

const lastKeysOf = (numbers: unknown, key: string): string[] => {
  if (typeof numbers === 'number') return [key]
  if (Array.isArray(numbers)) return numbers.flatMap((child) => lastKeysOf(child, key))
  return Object.entries(numbers ?? {}).flatMap(([name, child]) => lastKeysOf(child, name))
}
