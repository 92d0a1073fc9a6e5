import { InvalidTree } from '../errors.js'
import { asked } from '../watch.js'
import { constantsOf, type Grouping, groupedIn, mapGroups } from './grouping.js'
import { GIVE_UP, quick, quickly } from './quick.js'
import type { LeafOf, Mapped, TreeOf } from './shape.js'
import { isContainer, walk } from './walk.js'

export type { TreeOf } from './shape.js'
export { isContainer, walk }

const ORDINALS = ['tree', 'the second tree', 'the third tree', 'the fourth tree']
const namesOf = (count: number): readonly string[] =>
  count <= ORDINALS.length ? ORDINALS : Array.from({ length: count }, (_, i) => ORDINALS[i] ?? `tree ${i + 1}`)

/**
 * The tree of `f(leaf, …)` over the leaves of trees of the same structure, in the order of the first tree's keys.
 *
 * @example
 * tree.map((x, y) => Number(x) + Number(y), { a: 1, b: [2, null] }, { b: [20, null], a: 10 }) // => { a: 11, b: [22, null] }
 *
 * @throws InvalidTree with the path, when the structures differ.
 */
export function map<T, R>(f: (a: LeafOf<T>) => R, a: T): Mapped<T, R>
export function map<T, U, R>(f: (a: LeafOf<T>, b: LeafOf<U>) => R, a: T, b: U): Mapped<T, R>
export function map<T, U, V, R>(f: (a: LeafOf<T>, b: LeafOf<U>, c: LeafOf<V>) => R, a: T, b: U, c: V): Mapped<T, R>
export function map<A, R>(f: (...leaves: A[]) => R, ...trees: TreeOf<A>[]): TreeOf<R>
export function map(f: (...leaves: never[]) => unknown, ...trees: unknown[]): unknown {
  return quickly(
    () => {
      const [a, b, c] = trees
      const count = trees.length
      if (count === 1 || count === 2 || count === 3) return quick(f, count, a, b, c)
      if (trees.some((tree) => groupedIn(tree) !== undefined)) return mapGroups(f, trees)
      throw GIVE_UP
    },
    () => walk('map', namesOf(trees.length), trees, (leaves) => f(...(leaves as never[])))
  )
}

/**
 * {@link map} for a function that also wants to know where it is: the path reads `.layers[1].kernel`.
 *
 * @example
 * tree.mapWithPath((path) => path, { layers: [{ bias: 0 }] }) // => { layers: [{ bias: '.layers[0].bias' }] }
 *
 * @throws InvalidTree with the path, when the structures differ.
 */
export function mapWithPath<T, R>(f: (path: string, a: LeafOf<T>) => R, a: T): Mapped<T, R>
export function mapWithPath<T, U, R>(f: (path: string, a: LeafOf<T>, b: LeafOf<U>) => R, a: T, b: U): Mapped<T, R>
export function mapWithPath<A, R>(f: (path: string, ...leaves: A[]) => R, ...trees: TreeOf<A>[]): TreeOf<R>
export function mapWithPath(f: (path: string, ...leaves: never[]) => unknown, ...trees: unknown[]): unknown {
  return walk('mapWithPath', namesOf(trees.length), trees, (leaves, path) => f(path(), ...(leaves as never[])))
}

/**
 * The leaves in tree order.
 *
 * @example
 * tree.leaves({ a: 1, b: [2, null, { c: 3 }] }) // => [1, 2, 3]
 */
export const leaves = <L>(tree: TreeOf<L>): L[] => {
  if (groupedIn(tree) !== undefined) asked()
  let found: L[] = []
  quickly(
    () => quick((leaf) => found.push(leaf), 1, tree),
    () => {
      found = []
      walk('leaves', ['tree'], [tree], ([leaf]) => found.push(leaf as L))
    }
  )
  return found
}

/**
 * The tree with the structure of `like` and the given leaves, in tree order.
 *
 * @example
 * tree.unflatten({ a: 0, b: [0, 0] }, [1, 2, 3]) // => { a: 1, b: [2, 3] }
 *
 * @throws InvalidTree when there are more or fewer leaves than places.
 */
export const unflatten = <L>(like: TreeOf<unknown>, given: readonly L[]): TreeOf<L> => {
  let used = 0
  const structure = groupedIn(like)?.grouping.tree ?? like
  const built = walk('unflatten', ['tree'], [structure], () => given[used++])
  if (used !== given.length) throw new InvalidTree(`unflatten: the tree has ${used} leaves, got ${given.length}`)
  return built as TreeOf<L>
}

/**
 * A full tree out of a prefix: every leaf of `tree` gets the value that stands at or above its place in `prefix`.
 *
 * @example
 * tree.expandPrefix({ dense: true, head: { kernel: false, bias: true } }, { dense: [1, 2], head: { kernel: 3, bias: 4 } })
 * // => { dense: [true, true], head: { kernel: false, bias: true } }
 *
 * @throws InvalidTree with the path, when the prefix has a node that the tree has not.
 */
export const expandPrefix = <L>(
  prefix: TreeOf<L>,
  tree: TreeOf<unknown>,
  owner = 'expandPrefix',
  names = ['prefix', 'tree']
): TreeOf<L> => {
  const grouped = groupedIn(tree)
  if (grouped !== undefined) return expandOver(grouped.grouping, prefix, tree, owner, names)
  // One value for all is what most prefixes are.
  if (prefix !== null && !isContainer(prefix)) {
    return quickly(
      () => quick(() => prefix, 1, tree),
      () => walk(owner, [names[1] as string], [tree], () => prefix)
    ) as TreeOf<L>
  }
  return walk(
    owner,
    names,
    [prefix, tree],
    ([value, subtree], path) =>
      isContainer(subtree)
        ? walk(owner, [`${names[1]}${path()}`], [subtree], () => value)
        : subtree === null
          ? null
          : value,
    { prefix: true }
  ) as TreeOf<L>
}

/** The same for a stand-in: another one, or, when the prefix is a tree of its own, what it is on all leaves. */
const expandOver = <L>(
  grouping: Grouping,
  prefix: TreeOf<L>,
  tree: TreeOf<unknown>,
  owner: string,
  names: readonly string[]
): TreeOf<L> => {
  if (typeof prefix !== 'object') return mapGroups(() => prefix, [tree]) as TreeOf<L>
  const given = groupedIn(prefix)
  if (given !== undefined) return given.grouping === grouping ? prefix : asked()
  const values = constantsOf(grouping, prefix)
  return (values ?? expandPrefix(prefix, grouping.tree as TreeOf<unknown>, owner, [...names])) as TreeOf<L>
}
