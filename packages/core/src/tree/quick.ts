import { isNdArray } from '../array/ndarray.js'
import { InvalidTree } from '../errors.js'
import { isStandIn, mapGroups } from './grouping.js'
import { walk } from './walk.js'

// The way through trees as they nearly always are: not deep, and of equal structure. It knows no paths and no messages;
// what is wrong makes it give up, and `walk` has the word. What is right it never gives up half-way: a function that
// counts its calls would be called twice at some leaves.

/** Thrown by a quick way, or by what it calls at a leaf, to have the thorough one taken instead. */
export const GIVE_UP = /* @__PURE__ */ Symbol('give up')

/** How deep a quick way goes. */
export const DEEPEST = 200

type Items = readonly unknown[]
type Fields = { readonly [key: string]: unknown }

const ARRAY = 1
const OBJECT = 2
const LEAF = 3
const GROUPED = 4

const sort = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return LEAF
  if (Array.isArray(value)) return ARRAY
  if (isStandIn(value)) return GROUPED
  const prototype = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !isNdArray(value) ? OBJECT : LEAF
}

const emptyLike = (fields: Fields): Record<string, unknown> =>
  Object.getPrototypeOf(fields) === null ? Object.create(null) : {}

/** Beyond this many fields objects are tables, which begin without a prototype: to become one is slow. */
const MANY = 32

/** The object with its fields so far as a table, and after the last of them as what it was. */
const asTable = (fields: object): Record<string, unknown> => Object.assign(Object.create(null), fields)
const asPlain = (fields: object, like: Fields, count: number): unknown =>
  count > MANY ? Object.setPrototypeOf(fields, Object.getPrototypeOf(like)) : fields

/** The subtrees too deep for recursion. */
const below = (f: (...leaves: never[]) => unknown, trees: readonly unknown[]): unknown => {
  try {
    return walk('', ['', '', ''], trees, (leaves) => f(...(leaves as never[])))
  } catch (error) {
    // The place in the message would be wrong.
    throw error instanceof InvalidTree ? GIVE_UP : error
  }
}

const countKeys = (fields: Fields): number => {
  let count = 0
  for (const _ in fields) count++
  return count
}

/** The field of another tree at a key of the first. */
const fieldOf = (fields: Fields, key: string): unknown => {
  if (key === '__proto__') throw GIVE_UP
  const field = fields[key]
  // What every object inherits are functions: nothing else is taken for a field that is not there.
  if ((field === undefined || typeof field === 'function') && !Object.hasOwn(fields, key)) throw GIVE_UP
  return field
}

/** The tree of `f(leaf)`. */
export const quick1 = (f: (a: never) => unknown, a: unknown, depth = 0): unknown => {
  const kind = sort(a)
  if (kind === LEAF) return a === null ? null : f(a as never)
  if (kind === GROUPED) return mapGroups(f, [a])
  if (depth > DEEPEST) return below(f, [a])
  if (kind === ARRAY) {
    const out: unknown[] = []
    for (let i = 0; i < (a as Items).length; i++) out.push(quick1(f, (a as Items)[i], depth + 1))
    return out
  }
  let out = emptyLike(a as Fields)
  let count = 0
  for (const key in a as Fields) {
    if (key === '__proto__') throw GIVE_UP
    if (count++ === MANY) out = asTable(out)
    out[key] = quick1(f, (a as Fields)[key], depth + 1)
  }
  return asPlain(out, a as Fields, count)
}

/** The tree of `f(leaf, leaf)` over two trees. */
export const quick2 = (f: (a: never, b: never) => unknown, a: unknown, b: unknown, depth = 0): unknown => {
  const kind = sort(a)
  const other = sort(b)
  if (kind === GROUPED || other === GROUPED) return mapGroups(f, [a, b])
  if (kind !== other) throw GIVE_UP
  if (kind === LEAF) {
    if (a !== null && b !== null) return f(a as never, b as never)
    if (a === b) return null
    throw GIVE_UP
  }
  if (depth > DEEPEST) return below(f, [a, b])
  if (kind === ARRAY) {
    const items = a as Items
    if (items.length !== (b as Items).length) throw GIVE_UP
    const out: unknown[] = []
    for (let i = 0; i < items.length; i++) out.push(quick2(f, items[i], (b as Items)[i], depth + 1))
    return out
  }
  let out = emptyLike(a as Fields)
  let count = 0
  for (const key in a as Fields) {
    if (count++ === MANY) out = asTable(out)
    out[key] = quick2(f, (a as Fields)[key], fieldOf(b as Fields, key), depth + 1)
  }
  if (count !== countKeys(b as Fields)) throw GIVE_UP
  return asPlain(out, a as Fields, count)
}

/** The tree of `f(leaf, leaf, leaf)` over three trees. */
export const quick3 = (
  f: (a: never, b: never, c: never) => unknown,
  a: unknown,
  b: unknown,
  c: unknown,
  depth = 0
): unknown => {
  const kind = sort(a)
  const [second, third] = [sort(b), sort(c)]
  if (kind === GROUPED || second === GROUPED || third === GROUPED) return mapGroups(f, [a, b, c])
  if (kind !== second || kind !== third) throw GIVE_UP
  if (kind === LEAF) {
    if (a !== null && b !== null && c !== null) return f(a as never, b as never, c as never)
    if (a === b && b === c) return null
    throw GIVE_UP
  }
  if (depth > DEEPEST) return below(f, [a, b, c])
  if (kind === ARRAY) {
    const items = a as Items
    if (items.length !== (b as Items).length || items.length !== (c as Items).length) throw GIVE_UP
    const out: unknown[] = []
    for (let i = 0; i < items.length; i++) out.push(quick3(f, items[i], (b as Items)[i], (c as Items)[i], depth + 1))
    return out
  }
  let out = emptyLike(a as Fields)
  let count = 0
  for (const key in a as Fields) {
    if (count++ === MANY) out = asTable(out)
    out[key] = quick3(f, (a as Fields)[key], fieldOf(b as Fields, key), fieldOf(c as Fields, key), depth + 1)
  }
  if (count !== countKeys(b as Fields) || count !== countKeys(c as Fields)) throw GIVE_UP
  return asPlain(out, a as Fields, count)
}

/** The result of the quick way, or of the thorough one where the quick way gives up. */
export const quickly = (quick: () => unknown, thorough: () => unknown): unknown => {
  try {
    return quick()
  } catch (error) {
    if (error !== GIVE_UP) throw error
    return thorough()
  }
}
