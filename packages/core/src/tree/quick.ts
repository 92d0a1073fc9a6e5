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

const NOTHING = 0
const ARRAY = 1
const OBJECT = 2
const LEAF = 3
const GROUPED = 4

const sort = (value: unknown): number => {
  if (typeof value !== 'object') return LEAF
  if (value === null) return NOTHING
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
  const field = fields[key]
  // What every object inherits are functions: nothing else is taken for a field that is not there.
  if ((field === undefined || typeof field === 'function') && !Object.hasOwn(fields, key)) throw GIVE_UP
  return field
}

/** The tree of `f(leaf, …)` over as many trees as `count` says, up to three. */
export const quick = (
  f: (a: never, b: never, c: never) => unknown,
  count: 1 | 2 | 3,
  a: unknown,
  b?: unknown,
  c?: unknown,
  depth = 0
): unknown => {
  const kind = sort(a)
  const second = count > 1 ? sort(b) : kind
  const third = count > 2 ? sort(c) : kind
  if (kind === GROUPED || second === GROUPED || third === GROUPED) return mapGroups(f, [a, b, c].slice(0, count))
  if (kind !== second || kind !== third) throw GIVE_UP
  if (kind === NOTHING) return null
  if (kind === LEAF) {
    // A function may look at how many arguments it has.
    const g: (...leaves: never[]) => unknown = f
    return count === 1 ? g(a as never) : count === 2 ? g(a as never, b as never) : g(a as never, b as never, c as never)
  }
  if (depth > DEEPEST) return below(f, [a, b, c].slice(0, count))
  if (kind === ARRAY) {
    const [items, others, more] = [a as Items, b as Items, c as Items]
    const { length } = items
    if ((count > 1 && length !== others.length) || (count > 2 && length !== more.length)) throw GIVE_UP
    const out: unknown[] = []
    for (let i = 0; i < length; i++) {
      out.push(quick(f, count, items[i], count > 1 ? others[i] : null, count > 2 ? more[i] : null, depth + 1))
    }
    return out
  }
  let out = emptyLike(a as Fields)
  let keys = 0
  for (const key in a as Fields) {
    if (key === '__proto__') throw GIVE_UP
    if (keys++ === MANY) out = asTable(out)
    const other = count > 1 ? fieldOf(b as Fields, key) : null
    const last = count > 2 ? fieldOf(c as Fields, key) : null
    out[key] = quick(f, count, (a as Fields)[key], other, last, depth + 1)
  }
  if ((count > 1 && keys !== countKeys(b as Fields)) || (count > 2 && keys !== countKeys(c as Fields))) throw GIVE_UP
  return asPlain(out, a as Fields, keys)
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
