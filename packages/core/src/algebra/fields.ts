import { callable, check, optional, withDefaults } from '../check.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import type { Expr, Leaf } from '../expression/expr.js'
import type { Tree } from '../transformation/types.js'
import { written } from '../tree/path.js'
import { isContainer } from '../tree/tree.js'
import { rebuild } from './rebuild.js'
import { GO_ON } from './rebuildBeside.js'

type Primitive = string | number | boolean | bigint | symbol | null | undefined

/** A number may become any number. */
type Widened<T> = T extends number ? number : T

/** What the fields named `K` of a state may be, wherever they are in it; inside trees of arrays nothing is known. */
type Found<S, K> = [Tree<Leaf>] extends [S]
  ? never
  : S extends Primitive | Leaf | Expr | ((...parameters: never) => unknown)
    ? never
    : S extends readonly unknown[]
      ? { readonly [I in keyof S]: Found<S[I], K> }[number]
      : S extends object
        ? (K extends keyof S ? Widened<S[K]> : never) | { readonly [F in keyof S]-?: Found<S[F], K> }[keyof S]
        : never

/** What a field of a state is, as far as the type of the state tells. */
export type FieldOf<S, K> = [Found<S, K>] extends [never] ? unknown : Found<S, K>

/** Chooses among fields of one name: by the path, which reads `[0].count`, and by what stands there. */
export type Filtering = (path: string, value: unknown) => boolean

/** Options of {@link getAllWithPath} and {@link set}. */
export interface FilteringOptions {
  /** Which of the fields found are meant; by default all of them. */
  readonly filtering?: Filtering | undefined
}

/** Options of {@link get}. */
export interface GetOptions<D> extends FilteringOptions {
  /** What to give where there is no such field; without it that is an error. */
  readonly default?: D
}

const filteringOf = (owner: string, options: FilteringOptions): Filtering => {
  const { filtering } = withDefaults<FilteringOptions>(owner, options, { filtering: undefined })
  check(owner, { filtering }, optional(callable))
  return filtering ?? (() => true)
}

/** The fields of one name that a filter lets through: what holds another comes before it. */
const search = (
  owner: string,
  state: unknown,
  field: string,
  filtering: Filtering
): [path: string, value: unknown][] => {
  if (typeof field !== 'string') throw new InvalidOption(`${owner}: field must be a name, got ${show(field)}`)
  const found: [string, unknown][] = []
  rebuild(owner, state, (node, path) => {
    if (path.at(-1) === field) {
      const place = written(path)
      if (filtering(place, node)) found.push([place, node])
    }
    return GO_ON
  })
  return found
}

/**
 * The fields of one name in a state, wherever they are, each with its path; what holds another comes before it.
 *
 * A state may be nested in any way: chains, named chains, wrappers. Names are those of fields of objects; params with such a
 * name are found too, in the trees of a state that are shaped like the params.
 *
 * @example
 * const state = { inner: [{ count: 1 }, { count: 2, mu: { w: 0 } }] }
 * tree.getAllWithPath(state, 'count') // => [['.inner[0].count', 1], ['.inner[1].count', 2]]
 *
 * @throws InvalidTree for a state that contains itself.
 */
export const getAllWithPath = <S, const K extends string>(
  state: S,
  field: K,
  options: FilteringOptions = {}
): readonly (readonly [path: string, value: FieldOf<S, K>])[] =>
  // What stands at a path is known to the types of the state alone.
  search('getAllWithPath', state, field, filteringOf('getAllWithPath', options)) as [string, FieldOf<S, K>][]

/**
 * The field of a state that has a name, wherever it is.
 *
 * Unlike in Optax a field that is missing is an error unless there is a default, and states have no names of types to look
 * for: tell fields of one name apart by their path.
 *
 * @example
 * const state = chain(scaleByAdam(), scale(-0.1)).init({ w: 0 })
 * tree.get(state, 'mu') // => { w: 0 }
 * tree.get(state, 'trace', { default: null }) // => null
 * const two = chain(scaleByAdam(), scaleBySchedule(() => 1)).init({ w: 0 })
 * tree.get(two, 'count', { filtering: (path) => path.startsWith('[1]') }) // => 0
 *
 * @throws InvalidTree when there is no such field, and when there are several.
 */
export function get<S, const K extends string>(state: S, field: K, options?: FilteringOptions): FieldOf<S, K>
export function get<S, const K extends string, D>(state: S, field: K, options: GetOptions<D>): FieldOf<S, K> | D
export function get(state: unknown, field: string, options: GetOptions<unknown> = {}): unknown {
  const { default: fallback, ...rest } = options
  const found = search('get', state, field, filteringOf('get', rest))
  if (found.length > 1) {
    const places = found.map(([path]) => path).join(', ')
    throw new InvalidTree(`get: state has ${found.length} fields ${show(field)}: ${places}; choose one by filtering`)
  }
  if (found[0] !== undefined) return found[0][1]
  if (Object.hasOwn(options, 'default')) return fallback
  throw missing('get', field, rest.filtering !== undefined)
}

const missing = (owner: string, field: string, isFiltered: boolean): InvalidTree =>
  new InvalidTree(`${owner}: state has no field ${show(field)}${isFiltered ? ' that the filter lets through' : ''}`)

/**
 * A copy of a state with other values in the fields of some names, wherever they are: in all of them, or in those that a
 * filter lets through. Arrays that stay are not copied.
 *
 * Laws: get(set(s, { k: v }), k) is v; set(s, { k: get(s, k) }) is s; setting twice is setting the last.
 *
 * @example
 * const state = [{ count: 3, mu: { w: 1 } }, {}]
 * tree.set(state, { count: 0 }) // => [{ count: 0, mu: { w: 1 } }, {}]
 *
 * @throws InvalidTree when there is no field of one of the names.
 */
export const set = <S, const C extends Readonly<Record<string, unknown>>>(
  state: S,
  changes: C & { readonly [K in keyof C]: FieldOf<S, K> },
  options: FilteringOptions = {}
): S => {
  const filtering = filteringOf('set', options)
  if (!isContainer(changes) || Array.isArray(changes)) {
    throw new InvalidOption(`set: changes must be an object, got ${show(changes)}`)
  }
  const isSet = new Set<string>()
  const changed = rebuild('set', state, (node, path) => {
    const field = path.at(-1)
    const isMeant = typeof field === 'string' && Object.hasOwn(changes, field) && filtering(written(path), node)
    if (!isMeant) return GO_ON
    isSet.add(field)
    return changes[field]
  })
  const unset = Object.keys(changes).find((field) => !isSet.has(field))
  if (unset !== undefined) throw missing('set', unset, options.filtering !== undefined)
  return changed as S
}
