// From what a file says to a tree.
import { show } from '@gradchain/core'
import type { SavedLeaf, SavedTree } from '../own/savedTree.js'
import type { Tensor } from '../tensor.js'
import type { Refuse } from './attempt.js'
import { bareOf } from './leaves.js'
import { MAX_DIGITS } from './limits.js'
import { type Keys, namesFor, pathOf } from './pathOf.js'
import type { Form } from './plan.js'
import { type Entry, type Header, titleOf } from './safetensorsHeader.js'
import type { Seal } from './seal.js'

/** Which tensors a file of ours must hold: what stands at their places, and their checksums. */
export interface Place {
  readonly entry: Entry
  readonly path: string
  readonly sum: string
}

const isArrayLeaf = (form: Form): boolean => form === 'number' || form === 'array' || form === 'tensor'

/** Visits the leaves of a form in the order of the tree, and builds the tree of what is said of them. */
const walkForm = (
  form: Form,
  bare: ReadonlySet<number>,
  leaf: (form: null | boolean | string, keys: Keys) => unknown
): unknown => {
  let objects = 0
  const visit = (node: Form, keys: Keys): unknown => {
    if (node === null || typeof node !== 'object') return leaf(node, keys)
    if (isList(node)) return node.map((item, i) => visit(item, [...keys, i]))
    const out: Record<string, unknown> = bare.has(objects) ? Object.create(null) : {}
    objects += 1
    for (const [key, item] of Object.entries(node)) out[key] = visit(item, [...keys, key])
    return out
  }
  return visit(form, [])
}

const isList = (form: Form): form is readonly Form[] => Array.isArray(form)

/** The places of the tensors of a tree, in its order: each tensor of the file has one, and is what its place says. */
export const placesOf = (refuse: Refuse, { entries }: Header, seal: Seal): readonly Place[] => {
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  const nameOf = namesFor()
  const places: Place[] = []
  walkForm(seal.form, seal.bare, (form, keys) => {
    if (!isArrayLeaf(form)) return
    const name = nameOf(keys)
    const entry = byName.get(name) ?? refuse('malformed', titleOf(name), `there, for ${pathOf(keys)}`, 'none')
    const { dtype, shape } = entry
    if (form === 'number' && (dtype !== 'float64' || shape.length > 0)) {
      refuse('malformed', titleOf(name), 'of float64 and shape [], for a number', `${dtype} and ${show(shape)}`)
    }
    if (form === 'array' && shape.length !== 1) {
      refuse('malformed', titleOf(name), 'of one axis, for a bare array', `shape ${show(shape)}`)
    }
    places.push({ entry, path: pathOf(keys), sum: seal.sumOf(places.length) })
  })
  if (places.length !== entries.length || places.length !== seal.sums) {
    const got = `${entries.length} and ${seal.sums} checksums`
    refuse('malformed', 'the file', `of ${places.length} tensors, as its tree says`, got)
  }
  return places
}

/** The tree of a file, by its tensors in the order of the tree; where one was not read, there is nothing. */
export const builtFrom = (
  refuse: Refuse,
  { form, bare }: Seal,
  tensors: readonly (Tensor | undefined)[]
): SavedTree => {
  let used = 0
  // What a walk over a form builds out of leaves is a tree.
  return walkForm(form, bare, (leaf, keys): SavedLeaf | null => {
    if (isArrayLeaf(leaf)) {
      const tensor = tensors[used++]
      if (tensor === undefined) return undefined
      if (leaf === 'number') return (tensor.data as Float64Array)[0] as number
      return leaf === 'array' ? bareOf(tensor) : tensor
    }
    if (typeof leaf !== 'string') return typeof leaf === 'boolean' ? leaf : readOdd(refuse, leaf, keys)
    if (leaf.startsWith('text:')) return leaf.slice('text:'.length)
    if (leaf === 'undefined') return undefined
    const digits = /^bigint:(-?\d+)$/.exec(leaf)?.[1]
    if (digits === undefined || leaf.length > MAX_DIGITS) return readOdd(refuse, leaf, keys)
    return BigInt(digits)
  }) as SavedTree
}

/** `null`, or what no file of ours has: a number in a form, for one. */
const readOdd = (refuse: Refuse, leaf: unknown, keys: Keys): null =>
  leaf === null ? null : refuse('unsupported', pathOf(keys), 'a leaf that is known', show(leaf))
