import type { Kind } from '../array/dtype.js'
import { isForeign } from '../transformation/edge.js'
import { DEEPEST } from '../tree/quick.js'
import { isContainer } from '../tree/walk.js'
import { formOf, hasShapeOf, type LeafForm, type Structure } from './layout.js'
import { leavesAlike } from './pattern.js'

/** What is in a state beside trees like the params. */
export const FREE = /* @__PURE__ */ Symbol('free')

/** A tree like the params in a state, by its number. */
export interface Likeness {
  readonly number: number
}

/** What a state is made of: trees like the params, and the rest. */
export type Skeleton = Likeness | Branch | typeof FREE

interface Branch {
  /** The keys in order; `null` of a list. */
  readonly keys: readonly string[] | null
  readonly items: readonly Skeleton[]
}

/** The skeleton of a state, and the kinds of the leaves of each tree in it that is like the params; `null` for no leaf. */
export interface Anatomy {
  readonly skeleton: Skeleton
  readonly kinds: readonly (readonly (Kind | null)[])[]
}

/** Takes a state apart; `null` when it is out of the ordinary. */
export const anatomyOf = (structure: Structure, state: unknown): Anatomy | null => {
  const kinds: (readonly (Kind | null)[])[] = []
  const visit = (node: unknown, depth: number): Skeleton | null => {
    if (typeof node !== 'object' || node === null || !isContainer(node) || isForeign(node)) return FREE
    if (depth > DEEPEST) return null
    const found = kindsLike(structure, node)
    if (found !== null) return { number: kinds.push(found) - 1 }
    const keys = Object.keys(node)
    const items: Skeleton[] = []
    for (const key of keys) {
      const item = key === '__proto__' ? null : visit((node as Readonly<Record<string, unknown>>)[key], depth + 1)
      if (item === null) return null
      items.push(item)
    }
    if (Array.isArray(node)) return items.length === node.length ? { keys: null, items } : null
    return { keys, items }
  }
  const skeleton = visit(state, 0)
  return skeleton === null ? null : { skeleton, kinds }
}

/** The kinds of the leaves of a tree like the params; `null` for another one. */
const kindsLike = ({ tree, forms }: Structure, node: unknown): readonly (Kind | null)[] | null => {
  const leaves: unknown[] = []
  if (!leavesAlike(tree, node, leaves, { mayMiss: true })) return null
  const kinds: (Kind | null)[] = []
  for (let i = 0; i < forms.length; i++) {
    const leaf = leaves[i]
    if (leaf === null) kinds.push(null)
    else {
      const form = formOf(leaf)
      if (form === null || !hasShapeOf(form, forms[i] as LeafForm)) return null
      kinds.push(form.kind)
    }
  }
  return kinds
}

/** What tells the leaves apart in a state: the kinds of what belongs to each. */
export const classesOf = (count: number, kinds: Anatomy['kinds']): readonly string[] =>
  Array.from({ length: count }, (_, leaf) => kinds.map((of) => of[leaf] ?? '-').join(' '))

/** A state with others in place of its trees like the params; `null` when it has another skeleton. */
export const replaced = (
  skeleton: Skeleton,
  state: unknown,
  put: (number: number, tree: unknown) => unknown
): { readonly state: unknown } | null => {
  let isAlike = true
  const visit = (item: Skeleton, node: unknown): unknown => {
    if (item === FREE) {
      if (typeof node === 'object' && node !== null && isContainer(node) && !isForeign(node)) isAlike = false
      return node
    }
    if (typeof node !== 'object' || node === null) {
      isAlike = false
      return node
    }
    if ('number' in item) return put(item.number, node)
    const { keys, items } = item
    if (!isContainer(node) || isForeign(node) || (keys === null) !== Array.isArray(node)) {
      isAlike = false
      return node
    }
    if (keys === null) {
      const given = node as readonly unknown[]
      if (given.length !== items.length) isAlike = false
      return isAlike ? items.map((one, i) => visit(one, given[i])) : node
    }
    const out: Record<string, unknown> = Object.getPrototypeOf(node) === null ? Object.create(null) : {}
    let at = 0
    for (const key in node) {
      if (keys[at] !== key) isAlike = false
      if (!isAlike) return node
      out[key] = visit(items[at] as Skeleton, (node as typeof out)[key])
      at++
    }
    if (at !== keys.length) isAlike = false
    return out
  }
  const made = visit(skeleton, state)
  return isAlike ? { state: made } : null
}
