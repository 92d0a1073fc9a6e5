import { isNdArray } from '../array/ndarray.js'
import { InvalidTree, show, showLeaf } from '../errors.js'
import { type Path, written } from './path.js'

/** A node with children. */
type Container = readonly unknown[] | { readonly [key: string]: unknown }
type Building = unknown[] & { [key: string]: unknown }

/**
 * Whether a value is an inner node of a tree: an array, or a plain object that is no NdArray.
 *
 * @example
 * isContainer({ w: 1 }) // => true
 * isContainer(new Float32Array(2)) // => false
 */
export const isContainer = (value: unknown): value is Container => {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !isNdArray(value)
}

/** Where the walk is: one level of each tree side by side, and what is being built from them. */
interface Level {
  readonly nodes: readonly Container[]
  readonly keys: readonly string[] | null
  readonly length: number
  readonly out: Building
  at: number
}

/** What a walk does at its leaves; `path` tells, when called, where that is. */
export type Visit = (leaves: readonly unknown[], path: () => string) => unknown

/** How a walk may differ from going over equal structures. */
export interface WalkOptions {
  /** A leaf of the first tree may stand beside whole subtrees of the others. */
  readonly prefix?: boolean
  /** Which objects and arrays of the first tree count as leaves all the same. */
  readonly isLeaf?: (value: object) => boolean
}

/** Depths at which a walk looks whether it goes round in a circle. */
const FIRST_LOOK = 1024

/**
 * Walks trees of the same structure side by side and builds the tree of what `visit` returns at their leaves. Keys are
 * matched by name. Iterative: depth is bounded by memory, not by the stack.
 *
 * @throws InvalidTree when the structures differ, when a tree contains itself, or for a key `__proto__`.
 */
export const walk = (
  owner: string,
  names: readonly string[],
  trees: readonly unknown[],
  visit: Visit,
  { prefix = false, isLeaf = never }: WalkOptions = {}
): unknown => {
  const levels: Level[] = []
  let look = FIRST_LOOK
  const path = (): string => written(levels.flatMap(keysAt))
  const fail = (what: string): never => {
    throw new InvalidTree(`${owner}: ${what}`)
  }

  const enter = (values: readonly unknown[]): unknown => {
    const first = values[0]
    if (!isContainer(first) || isLeaf(first)) {
      if (first === null || !prefix) sameLeaf(values)
      return first === null ? null : visit(values, path)
    }
    const keys = Array.isArray(first) ? null : Object.keys(first)
    const length = keys === null ? (first as readonly unknown[]).length : keys.length
    for (let i = 1; i < values.length; i++) sameNode(first, values[i], keys, i)
    if (keys?.includes('__proto__')) fail(`${names[0]}${path()} has a key __proto__, which is refused`)
    const out = (
      keys === null ? new Array(length) : Object.getPrototypeOf(first) === null ? Object.create(null) : {}
    ) as Building
    levels.push({ nodes: values as readonly Container[], keys, length, out, at: -1 })
    if (levels.length === look) {
      look *= 2
      const seen = new Set(levels.map((level) => level.nodes[0]))
      if (seen.size < levels.length) fail(`${names[0]} contains itself`)
    }
    return PENDING
  }

  const sameLeaf = (values: readonly unknown[]): void => {
    const first = values[0]
    for (let i = 1; i < values.length; i++) {
      const other = values[i]
      if ((other === null) !== (first === null) || isContainer(other) !== isContainer(first)) different(first, other, i)
    }
  }

  const sameNode = (first: Container, other: unknown, keys: readonly string[] | null, i: number): void => {
    if (!isContainer(other) || Array.isArray(other) !== (keys === null)) different(first, other, i)
    if (keys === null) {
      if ((first as readonly unknown[]).length !== (other as readonly unknown[]).length) {
        fail(
          `${names[i]}${path()} has ${(other as readonly unknown[]).length} items, ${names[0]} has ${(first as readonly unknown[]).length}`
        )
      }
      return
    }
    for (const key of keys) {
      if (!Object.hasOwn(other as object, key)) fail(`${names[i]}${path()} has no ${show(key)}, ${names[0]} has it`)
    }
    if (Object.keys(other as object).length > keys.length) {
      const extra = Object.keys(other as object).find((key) => !keys.includes(key))
      fail(`${names[i]}${path()} has ${show(extra)}, ${names[0]} has not`)
    }
  }

  const different = (first: unknown, other: unknown, i: number): never =>
    fail(`${names[i]}${path()} is ${showLeaf(other)}, ${names[0]} has ${showLeaf(first)}`)

  const root = enter(trees)
  if (root !== PENDING) return root
  const built = (levels[0] as Level).out
  while (levels.length > 0) {
    const level = levels[levels.length - 1] as Level
    level.at += 1
    if (level.at === level.length) {
      levels.pop()
      continue
    }
    const key = level.keys === null ? level.at : (level.keys[level.at] as string)
    const values = level.nodes.map((node, i) => {
      try {
        return (node as Building)[key as number]
      } catch (error) {
        return fail(`${names[i]}${path()} cannot be read (${error instanceof Error ? error.message : String(error)})`)
      }
    })
    const depth = levels.length
    const result = enter(values)
    level.out[key as number] = result === PENDING ? (levels[depth] as Level).out : result
  }
  return built
}

const PENDING = /* @__PURE__ */ Symbol('pending')

const never = (): boolean => false

/** The key of the child that is visited; nothing before the first and after the last. */
const keysAt = ({ keys, length, at }: Level): Path => (at < 0 || at >= length ? [] : [keys?.[at] ?? at])
