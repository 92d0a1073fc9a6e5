import type { Kind } from '../array/dtype.js'
import { isInner } from '../transformation/edge.js'
import { mapChildren } from '../tree/mapChildren.js'
import { DEEPEST, GIVE_UP, quickly } from '../tree/quick.js'
import { formOf, hasShapeOf, type LeafForm, type Structure } from './layout.js'
import { leavesAlike, treeOf } from './pattern.js'

/** Stands for what is in a state beside trees like the params. */
const FREE = -1

/** A state with numbers in place of the trees that are like the params, and `FREE` in place of the rest. */
export interface Anatomy {
  readonly skeleton: unknown
  /** The kinds of the leaves of each tree that is like the params; `null` for no leaf. */
  readonly kinds: readonly (readonly (Kind | null)[])[]
}

/** Takes a state apart; `null` when it is out of the ordinary. */
export const anatomyOf = (structure: Structure, state: unknown): Anatomy | null => {
  const kinds: (readonly (Kind | null)[])[] = []
  const visit = (node: unknown, depth: number): unknown => {
    if (!isInner(node)) return FREE
    if (depth > DEEPEST) throw GIVE_UP
    const found = kindsLike(structure, node)
    if (found !== null) return kinds.push(found) - 1
    return mapChildren(node, (child, key) => {
      if (key === '__proto__') throw GIVE_UP
      return visit(child, depth + 1)
    })
  }
  return quickly(
    () => ({ skeleton: visit(state, 0), kinds }),
    () => null
  ) as Anatomy | null
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
  skeleton: unknown,
  state: unknown,
  put: (number: number, tree: unknown) => unknown
): { readonly state: unknown } | null => {
  const nodes: unknown[] = []
  if (!leavesAlike(skeleton, state, nodes, { mayMiss: true })) return null
  let at = 0
  let isAlike = true
  const made = treeOf(skeleton, (number) => {
    const node = nodes[at++]
    if (number !== FREE) return put(number, node)
    if (isInner(node)) isAlike = false
    return node
  })
  return isAlike ? { state: made } : null
}
