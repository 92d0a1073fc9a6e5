import { Kind } from '../array/dtype.js'
import type { Target } from '../engine/resident/plan.js'
import { Expr } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { isForeign } from '../transformation/edge.js'
import type { Tree } from '../transformation/types.js'
import { isContainer } from '../tree/tree.js'

/** What a step leaves behind: what the arrays that stay are to hold, and lazy numbers. */
export interface Outcome {
  readonly targets: Target[]
  readonly scalars: Expr[]
}

/** A leaf that is no array: a number, or whatever else a state counts with. It may be another one in the next step. */
const FREE = /* @__PURE__ */ Symbol('free')
/** An empty place, which stays empty. */
const EMPTY = /* @__PURE__ */ Symbol('empty')

/** What a tree of nodes holds at a place, to tell quickly whether another one has the same nodes at the same places. */
export type Item = Pattern | Expr | typeof FREE | typeof EMPTY

interface Pattern {
  /** The keys in order; `null` for a list. */
  readonly keys: readonly string[] | null
  readonly items: readonly Item[]
  /** Whether all leaves are arrays, so that the tree after the step is the one of before. */
  readonly isFixed: boolean
}

/** What an update gave, and what came of it. */
export interface Course {
  readonly updates: Item
  readonly next: Item
  readonly outcome: Outcome
  /** The trees with the arrays that stay. */
  readonly params: Tree<Value>
  readonly state: unknown
}

// Deeper trees take the thorough way.
const DEEPEST = 200

/** What a tree holds at a place; `null` for what has to be looked at afresh in every step. */
export const itemOf = (next: unknown, placed: unknown, depth = 0): Item | null => {
  if (next instanceof Expr) return next
  if (next === null) return EMPTY
  if (typeof next !== 'object') return FREE
  if (!isContainer(next) || !isContainer(placed) || isForeign(next) || depth > DEEPEST) return null
  const isList = Array.isArray(next)
  const keys = Object.keys(next)
  const inOrder = Object.keys(placed)
  const items: Item[] = []
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    if (key !== inOrder[i] || key === '__proto__') return null
    const of = (tree: object): unknown => (tree as Record<string, unknown>)[key]
    const item = itemOf(of(next), of(placed), depth + 1)
    if (item === null) return null
    items.push(item)
  }
  if (isList && items.length !== next.length) return null
  return { keys: isList ? null : keys, items, isFixed: items.every(isFixed) }
}

const isFixed = (item: Item): boolean =>
  item instanceof Expr ? item.kind !== Kind.Scalar : item === EMPTY || (item !== FREE && item.isFixed)

/** The course of a step; `null` when the like of it cannot be told from what it gave. */
export const courseOf = (updates: Tree, next: unknown, after: Omit<Course, 'updates' | 'next'>): Course | null => {
  const before = itemOf(updates, updates)
  // Numbers among the params are added up anew in every step.
  if (before === null || !isFixed(before)) return null
  const item = itemOf(next, after.state)
  return item === null ? null : { updates: before, next: item, ...after }
}

/** Whether a step gave the same nodes at the same places, so that all that comes of it is the same but for numbers. */
export const isSame = (item: Item, next: unknown): boolean => {
  if (item instanceof Expr) return item === next
  if (item === FREE) return typeof next !== 'object'
  if (item === EMPTY) return next === null
  if (typeof next !== 'object' || next === null) return false
  const { keys, items } = item
  if (keys === null) {
    if (!Array.isArray(next) || next.length !== items.length) return false
    for (let i = 0; i < items.length; i++) if (!isSame(items[i] as Item, next[i])) return false
    return !isForeign(next)
  }
  if (Array.isArray(next) || next instanceof Expr) return false
  let at = 0
  for (const key in next) {
    if (keys[at] !== key || !isSame(items[at] as Item, (next as Record<string, unknown>)[key])) return false
    at++
  }
  return at === keys.length && isContainer(next) && !isForeign(next)
}

/** A tree of the form of an item, with the arrays of another, and the numbers of this step. */
export const renewed = (item: Item, next: unknown, placed: unknown): unknown => {
  if (item instanceof Expr) return item.kind === Kind.Scalar ? item.value : placed
  if (item === FREE || item === EMPTY) return next
  const { keys, items, isFixed } = item
  if (isFixed) return placed
  const from = next as Readonly<Record<string | number, unknown>>
  const kept = placed as Readonly<Record<string | number, unknown>>
  if (keys === null) return items.map((one, i) => renewed(one, from[i], kept[i]))
  const tree: Record<string, unknown> = Object.getPrototypeOf(kept) === null ? Object.create(null) : {}
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    tree[key] = renewed(items[i] as Item, from[key], kept[key])
  }
  return tree
}
