import { finished, recordFor } from '../tree/record.js'

/** A tree of numbered leaves, taken apart once so that others like it are gone through quickly. */
type Pattern = number | null | Node

interface Node {
  /** The keys in order; `null` of a list. */
  readonly keys: readonly string[] | null
  readonly items: readonly Pattern[]
  readonly prototype: object | null
}

const patterns = new WeakMap<object, Pattern>()

const patternOf = (structure: unknown): Pattern => {
  if (typeof structure !== 'object' || structure === null) return structure as number | null
  const known = patterns.get(structure)
  if (known !== undefined) return known
  const made = takenApart(structure)
  patterns.set(structure, made)
  return made
}

const takenApart = (structure: unknown): Pattern => {
  if (typeof structure !== 'object' || structure === null) return structure as number | null
  return {
    keys: Array.isArray(structure) ? null : Object.keys(structure),
    items: Object.values(structure).map(takenApart),
    prototype: Object.getPrototypeOf(structure)
  }
}

/** How a tree may differ from a structure. */
export interface Leniency {
  /** Leaves may be missing: `null`, or what is `undefined` under its key. */
  readonly mayMiss?: boolean
  /** It was made here, and has no keys but those of the structure. */
  readonly isOwn?: boolean
}

/** Collects the leaves of a tree of this structure, keys in the same order, in tree order; `false` for another tree. */
export const leavesAlike = (structure: unknown, tree: unknown, into: unknown[], leniency: Leniency = {}): boolean =>
  collect(patternOf(structure), tree, into, leniency.mayMiss === true, leniency.isOwn === true)

const collect = (pattern: Pattern, tree: unknown, into: unknown[], mayMiss: boolean, isOwn: boolean): boolean => {
  if (typeof pattern === 'number') {
    if (tree === null ? !mayMiss : tree === undefined && (isOwn || !mayMiss)) return false
    into.push(tree)
    return true
  }
  if (pattern === null) return tree === null
  if (typeof tree !== 'object' || tree === null) return false
  const { keys, items, prototype } = pattern
  if (keys === null) {
    if (!Array.isArray(tree) || tree.length !== items.length) return false
    for (let i = 0; i < items.length; i++) {
      if (!collect(items[i] as Pattern, tree[i], into, mayMiss, isOwn)) return false
    }
    return true
  }
  // Whether it is a plain object is seen by its prototype, and whether it has all the keys by their number.
  if (Object.getPrototypeOf(tree) !== prototype || Array.isArray(tree)) return false
  const fields = tree as Readonly<Record<string, unknown>>
  if (isOwn) {
    // To ask a large object for its keys takes longer than to find the values.
    for (let i = 0; i < items.length; i++) {
      if (!collect(items[i] as Pattern, fields[keys[i] as string], into, mayMiss, true)) return false
    }
    return true
  }
  let at = 0
  for (const key in fields) {
    if (keys[at] !== key || !collect(items[at] as Pattern, fields[key], into, mayMiss, false)) return false
    at++
  }
  return at === keys.length
}

/** A tree of some structure with what belongs in the place of each leaf. */
export const treeOf = (structure: unknown, leafOf: (leaf: number) => unknown): unknown =>
  build(patternOf(structure), leafOf)

const build = (pattern: Pattern, leafOf: (leaf: number) => unknown): unknown => {
  if (typeof pattern === 'number') return leafOf(pattern)
  if (pattern === null) return null
  const { keys, items, prototype } = pattern
  if (keys === null) {
    const list: unknown[] = []
    for (let i = 0; i < items.length; i++) list.push(build(items[i] as Pattern, leafOf))
    return list
  }
  const out = recordFor(keys.length, prototype === null)
  for (let i = 0; i < keys.length; i++) out[keys[i] as string] = build(items[i] as Pattern, leafOf)
  return finished(out, keys.length, prototype === null)
}
