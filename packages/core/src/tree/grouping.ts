import { isNdArray } from '../array/ndarray.js'
import { asked, isWatched } from '../watch.js'

// A definition that never asks which leaf it has before it does to all leaves of a group what it does to one. So it is
// handed a stand-in for the whole tree, with one value for each group; `map` and what stands on it call it back once for each
// group. To everything else a stand-in says nothing, and gives up.

/** Which leaves of a tree go together. */
export interface Grouping {
  /** A tree of the structure in question, with the number of its group for each leaf. */
  readonly tree: unknown
  /** The group of each leaf, in tree order. */
  readonly order: Int32Array
  /** Which leaf of its group it is. */
  readonly places: Int32Array
  /** How many groups there are. */
  readonly count: number
}

/** What stands behind a stand-in. */
export interface Grouped {
  readonly grouping: Grouping
  /** A value for each group; `null` where there is nothing. */
  readonly values: readonly unknown[]
  /** The tree itself, where there is one. */
  readonly source: (() => unknown) | null
}

const known = new WeakMap<object, Grouped>()

// Whatever is done to a stand-in is looked for here first, and nobody gets that far.
const silent: ProxyHandler<object> = /* @__PURE__ */ new Proxy({}, { get: () => asked() })

/** A stand-in for a tree. */
export const standIn = (grouping: Grouping, values: readonly unknown[], source: Grouped['source'] = null): object => {
  const stand = new Proxy({}, silent)
  known.set(stand, { grouping, values, source })
  return stand
}

/** What stands behind a value, when it is a stand-in. */
export const groupedIn = (value: unknown): Grouped | undefined =>
  typeof value === 'object' && value !== null ? known.get(value) : undefined

/** Whether a value is a stand-in; there are none while nobody watches. */
export const isStandIn = (value: object): boolean => isWatched() && known.has(value)

/** The stand-in of `f(value, …)` over stand-ins, and over trees that are the same throughout each group. */
export const mapGroups = (f: (...values: never[]) => unknown, trees: readonly unknown[]): object => {
  const first = trees.find((tree) => groupedIn(tree) !== undefined)
  const { grouping } = groupedIn(first) as Grouped
  const rows = trees.map((tree) => valuesIn(grouping, tree))
  const results: unknown[] = []
  for (let group = 0; group < grouping.count; group++) {
    const values = rows.map((row) => row[group])
    const isEmpty = values[0] === null
    if (values.some((value) => (value === null) !== isEmpty)) asked()
    results.push(isEmpty ? null : f(...(values as never[])))
  }
  return standIn(grouping, results)
}

/** The value of each group in a tree. */
export const valuesIn = (grouping: Grouping, tree: unknown): readonly unknown[] => {
  const grouped = groupedIn(tree)
  if (grouped === undefined) return constantsIn(grouping, tree)
  return grouped.grouping === grouping ? grouped.values : asked()
}

/**
 * The values of a tree of words, numbers and truths, one for each group. Where leaves of a group have different ones, they
 * are to be told apart.
 */
const constantsIn = (grouping: Grouping, tree: unknown): readonly unknown[] => {
  const leaves: unknown[] = []
  if (!collect(grouping.tree, tree, leaves)) asked()
  return constantOf(grouping, leaves)
}

/** The stand-in for a tree of words, numbers and truths; `null` when it has not this structure. */
export const constantsOf = (grouping: Grouping, tree: unknown): object | null => {
  const leaves: unknown[] = []
  return collect(grouping.tree, tree, leaves) ? standIn(grouping, constantOf(grouping, leaves)) : null
}

const constantOf = (grouping: Grouping, leaves: readonly unknown[]): readonly unknown[] => {
  const values: unknown[] = new Array(grouping.count)
  const seen = new Uint8Array(grouping.count)
  const { order } = grouping
  for (let i = 0; i < order.length; i++) {
    const group = order[i] as number
    if (seen[group] === 0) {
      seen[group] = 1
      values[group] = leaves[i]
    } else if (!Object.is(values[group], leaves[i])) asked(leaves)
  }
  return values
}

/** Collects the leaves of a tree of a known structure; `false` for another one, and for leaves that are more than a word. */
const collect = (like: unknown, tree: unknown, into: unknown[], depth = 0): boolean => {
  if (typeof like === 'number') {
    if (typeof tree === 'object' ? tree !== null : typeof tree === 'function') return false
    into.push(tree)
    return true
  }
  if (like === null) return tree === null
  if (typeof tree !== 'object' || tree === null || depth > DEEPEST) return false
  if (isStandIn(tree) || Array.isArray(tree) !== Array.isArray(like)) return false
  if (Array.isArray(like)) {
    const items = tree as readonly unknown[]
    if (items.length !== like.length) return false
    for (let i = 0; i < like.length; i++) if (!collect(like[i], items[i], into, depth + 1)) return false
    return true
  }
  const prototype = Object.getPrototypeOf(tree)
  if ((prototype !== Object.prototype && prototype !== null) || isNdArray(tree)) return false
  let count = 0
  for (const key in like as object) {
    if (!Object.hasOwn(tree, key)) return false
    const child = (tree as Record<string, unknown>)[key]
    if (!collect((like as Record<string, unknown>)[key], child, into, depth + 1)) return false
    count++
  }
  for (const _ in tree) count--
  return count === 0
}

const DEEPEST = 200
