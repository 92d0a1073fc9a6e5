import { type Data, Kind, kindOf } from '../array/dtype.js'
import { flawOf, isNdArray } from '../array/ndarray.js'
import { Domain, paddedLength } from '../expression/domain.js'
import { Expr } from '../expression/expr.js'
import { isSameOrNone } from '../lists.js'
import type { Grouping } from '../tree/grouping.js'
import { GIVE_UP, quick, quickly } from '../tree/quick.js'

/** What a leaf is: a number, or an array of a shape; that of a bare vector is `null`. */
export interface LeafForm {
  readonly kind: Kind
  readonly shape: readonly number[] | null
  readonly size: number
}

/** A tree of leaves of known forms. */
export interface Structure {
  /** The tree, with the number of each leaf in its place. */
  readonly tree: unknown
  readonly forms: readonly LeafForm[]
}

/** Leaves that go together. */
export interface Group {
  /** The kind of the params. */
  readonly kind: Kind
  /** A shape of their own for arrays side by side, that of its one array otherwise; `null` for a number. */
  readonly form: readonly number[] | null
  readonly extent: number
  /** Which leaves, in the order in which they lie. */
  readonly members: Int32Array
}

/** The leaves of a tree in groups, and where in its group each leaf lies. */
export interface Layout {
  readonly structure: Structure
  readonly grouping: Grouping
  readonly groups: readonly Group[]
  /** Where each leaf begins. */
  readonly starts: Int32Array
  /** What tells leaves apart. */
  readonly classes: readonly string[]
}

/** Fewer leaves than this are done one by one. */
export const FEWEST = 6
/** An array of more elements than this is a group of its own: its work is no longer that of the host. */
export const LARGEST = 2 ** 14

/** The form of a leaf; `null` of what is none. */
export const formOf = (leaf: unknown): LeafForm | null => {
  if (typeof leaf === 'number') return { kind: Kind.Scalar, shape: null, size: 1 }
  if (leaf instanceof Expr) return { kind: leaf.kind, shape: leaf.shape, size: leaf.size }
  if (leaf instanceof Float32Array) return { kind: Kind.F32, shape: null, size: leaf.length }
  if (leaf instanceof Float64Array) return { kind: Kind.F64, shape: null, size: leaf.length }
  if (typeof leaf !== 'object' || leaf === null || !isNdArray(leaf) || flawOf(leaf) !== undefined) return null
  return { kind: kindOf(leaf.dtype), shape: leaf.shape, size: leaf.data.length }
}

/** The structure of a tree; `null` when it is no tree of leaves, or out of the ordinary. */
export const structureOf = (tree: unknown): Structure | null => {
  const forms: LeafForm[] = []
  const numberOf = (leaf: unknown): number => {
    const form = formOf(leaf)
    if (form === null) throw GIVE_UP
    return forms.push(form) - 1
  }
  return quickly(
    () => ({ tree: quick(numberOf, 1, tree), forms }),
    () => null
  ) as Structure | null
}

/** Whether a kind is of 16 bits; such an array is never bare. */
export const isHalf = (kind: Kind): boolean => kind === Kind.BF16 || kind === Kind.F16

/** Whether a leaf has the shape of a param; its dtype may be another. */
export const hasShapeOf = (leaf: LeafForm | null, param: LeafForm): boolean =>
  leaf !== null &&
  (leaf.kind === Kind.Scalar) === (param.kind === Kind.Scalar) &&
  leaf.size === param.size &&
  isSameOrNone(leaf.shape, shapeIn(leaf.kind, param))

/** The shape that an array of a kind has in the place of a param. */
export const shapeIn = (kind: Kind, { shape, size }: LeafForm): readonly number[] | null =>
  shape === null && isHalf(kind) ? [size] : shape

/** The elements of a leaf of a form; `null` for another one. */
export const dataOf = (leaf: unknown, kind: Kind, param: LeafForm): Data | null => {
  const { shape, size } = param
  if (leaf instanceof Float32Array) return kind === Kind.F32 && shape === null && leaf.length === size ? leaf : null
  if (leaf instanceof Float64Array) return kind === Kind.F64 && shape === null && leaf.length === size ? leaf : null
  if (typeof leaf !== 'object' || leaf === null || leaf instanceof Expr || !isNdArray(leaf)) return null
  const isAlike =
    kindOf(leaf.dtype) === kind && flawOf(leaf) === undefined && isSameOrNone(leaf.shape, shapeIn(kind, param))
  return isAlike ? leaf.data : null
}

/**
 * Puts leaves of the same classes side by side, in tree order or in the one in which `arrange` puts the leaves of a group; what is
 * larger than `largest`, and what is a number, stays alone.
 */
export const layoutOf = (
  structure: Structure,
  classes: readonly string[],
  arrange?: (members: number[]) => void,
  largest = LARGEST
): Layout => {
  const { forms } = structure
  const byClass = new Map<string, number[]>()
  forms.forEach(({ kind, size }, leaf) => {
    const isAlone = kind === Kind.Scalar || size > largest
    const name = isAlone ? `#${leaf}` : `${kind} ${classes[leaf]}`
    const members = byClass.get(name)
    if (members === undefined) byClass.set(name, [leaf])
    else members.push(leaf)
  })
  const starts = new Int32Array(forms.length)
  const groups = [...byClass.values()].map((members): Group => {
    const [first] = members as [number, ...number[]]
    const { kind, shape, size } = forms[first] as LeafForm
    if (members.length === 1) return { kind, form: shape, extent: size, members: Int32Array.from(members) }
    arrange?.(members)
    let extent = 0
    for (const leaf of members) {
      starts[leaf] = extent
      extent += paddedLength((forms[leaf] as LeafForm).size)
    }
    return { kind, form: domainOf(members, starts, forms, extent), extent, members: Int32Array.from(members) }
  })
  return { structure, grouping: groupingOf(structure, groups), groups, starts, classes }
}

/** The same leaves at the same places, told apart by more. */
export const refined = (layout: Layout, classes: readonly unknown[]): Layout => {
  const { structure, starts } = layout
  const numbers = new Map<unknown, number>()
  const classOf = (leaf: number): number => {
    const value = classes[leaf]
    const known = numbers.get(value)
    if (known !== undefined) return known
    numbers.set(value, numbers.size)
    return numbers.size - 1
  }
  const names = layout.classes.map((name, leaf) => `${name} ${classOf(leaf)}`)
  const groups = layout.groups.flatMap((group): Group[] => {
    const { kind, form, extent, members } = group
    if (!(form instanceof Domain)) return [group]
    const parts = new Map<number, number[]>()
    for (const leaf of members) {
      const part = parts.get(classOf(leaf))
      if (part === undefined) parts.set(classOf(leaf), [leaf])
      else part.push(leaf)
    }
    if (parts.size === 1) return [group]
    return [...parts.values()].map((part) => ({
      ...{ kind, extent, members: Int32Array.from(part) },
      form: domainOf(part, starts, structure.forms, extent)
    }))
  })
  return { structure, grouping: groupingOf(structure, groups), groups, starts, classes: names }
}

const domainOf = (members: readonly number[], starts: Int32Array, forms: readonly LeafForm[], extent: number): Domain =>
  new Domain(
    extent,
    Int32Array.from(members, (leaf) => starts[leaf] as number),
    Int32Array.from(members, (leaf) => (forms[leaf] as LeafForm).size)
  )

const groupingOf = ({ tree, forms }: Structure, groups: readonly Group[]): Grouping => {
  const order = new Int32Array(forms.length)
  const places = new Int32Array(forms.length)
  groups.forEach(({ members }, group) => {
    members.forEach((leaf, place) => {
      order[leaf] = group
      places[leaf] = place
    })
  })
  return { tree, order, places, count: groups.length }
}

/** Whether grouping spares anything. */
export const isWorthwhile = ({ structure, groups }: Layout): boolean =>
  structure.forms.length >= FEWEST && groups.length <= structure.forms.length / 2
