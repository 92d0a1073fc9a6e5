import { callable, check, optional, withDefaults } from '../check.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import type { Leaf } from '../expression/expr.js'
import { liftAt } from '../transformation/edge.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Definition, StateOf, Tree } from '../transformation/types.js'
import { isContainer, leaves, map, type TreeOf, unflatten, walk } from '../tree/tree.js'
import { childrenOf, GO_ON, type Path, rebuild, written } from './rebuild.js'

/** Options of {@link mapParams}. */
export interface MapParamsOptions {
  /** Trees shaped like the params, whose leaves the function is given, too: the params themselves, or something for each. */
  readonly rest?: readonly TreeOf<unknown>[] | undefined
  /** What becomes of the leaves that do not belong to params, such as counters; by default they stay as they are. */
  readonly transformNonParams?: ((leaf: unknown) => unknown) | undefined
}

/**
 * A state with the function applied to all that it holds for each of the params: moments, traces, slow copies; counters stay.
 *
 * Which parts these are is found out by asking for the state of a placeholder: of no params, and of one. Where the state of
 * the one has something and the state of none has not, it is there for the params. A transformation whose init looks at the
 * params (a mask, labels) wants them as the first of `rest`; each of them is then the placeholder in turn.
 *
 * @example
 * const tx = scaleByAdam()
 * const state = tx.init({ w: 1, b: 2 })
 * tree.mapParams(tx, (m) => `was ${m}`, state) // => { count: 0, mu: { w: 'was 0', b: 'was 0' }, nu: { w: 'was 0', b: 'was 0' } }
 * const specs = { w: 'sharded', b: 'replicated' }
 * const options = { rest: [specs], transformNonParams: () => 'replicated' }
 * tree.mapParams(tx, (_, spec) => spec, state, options)
 * // => { count: 'replicated', mu: { w: 'sharded', b: 'replicated' }, nu: { w: 'sharded', b: 'replicated' } }
 *
 * @throws InvalidTree when init refuses the placeholder, and when the state or a tree of `rest` does not fit.
 */
export function mapParams<T extends AnyGradientTransformation>(
  tx: T,
  f: (leaf: Leaf, ...rest: never[]) => Leaf,
  state: StateOf<T>,
  options?: Omit<MapParamsOptions, 'transformNonParams'>
): StateOf<T>
export function mapParams<T extends AnyGradientTransformation>(
  tx: T,
  f: (leaf: Leaf, ...rest: never[]) => unknown,
  state: StateOf<T>,
  options?: MapParamsOptions
): TreeOf<unknown>
export function mapParams(
  tx: AnyGradientTransformation,
  f: (leaf: Leaf, ...rest: never[]) => unknown,
  state: unknown,
  options: MapParamsOptions = {}
): unknown {
  const { init } = definitionOf('mapParams', tx) as Definition<unknown>
  const { rest, transformNonParams } = withDefaults<MapParamsOptions>('mapParams', options, {
    rest: undefined,
    transformNonParams: undefined
  })
  check('mapParams', { f }, callable)
  check('mapParams', { transformNonParams }, optional(callable))
  if (rest !== undefined && !Array.isArray(rest)) {
    throw new InvalidOption(`mapParams: rest must be a list of trees, got ${show(rest)}`)
  }
  const probed = probe(init, rest?.[0])
  const beside = leavesBeside(rest ?? [])
  return rebuild('mapParams', state, (node, path) => {
    const place = written(path)
    const param = probed.params.get(place)
    if (param !== undefined) {
      const others = (beside[param] ?? []) as never[]
      return map((leaf: Leaf) => f(leaf, ...others), node as TreeOf<Leaf>)
    }
    if (node === null || isContainer(node)) return GO_ON
    if (!probed.others.has(place)) {
      const what = `state${place} is there for a param, and init has nothing there for ${rest ? 'it' : 'a placeholder'}`
      throw new InvalidTree(`mapParams: ${what}${rest ? '' : HINT}`)
    }
    return transformNonParams === undefined ? node : transformNonParams(node)
  })
}

const HINT = '; give the params as the first of rest'

/** Where a state has something for the params, with the number of the param, and where it has anything else. */
interface Probed {
  readonly params: ReadonlyMap<string, number>
  readonly others: ReadonlySet<string>
}

/** Asks for the state of no params, and of each of them alone; of a number, when it is not known what they are. */
const probe = (init: (params: Tree) => unknown, like: TreeOf<unknown> | undefined): Probed => {
  const stateOf = (params: Tree): unknown => {
    try {
      return init(params)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new InvalidTree(`mapParams: init refuses a placeholder (${why})${like === undefined ? HINT : ''}`)
    }
  }
  const shape = like === undefined ? 0 : like
  const stand = leaves(shape).map(placeholderOf)
  const alone = (param: number): Tree =>
    unflatten(
      shape,
      stand.map((leaf, i) => (i === param ? leaf : null))
    ) as Tree
  const params = new Map<string, number>()
  const others = new Set<string>()
  const none = stateOf(alone(-1))
  stand.forEach((_, param) => compare(none, stateOf(alone(param)), params, others, param))
  if (stand.length === 0) compare(none, none, params, others, 0)
  return { params, others }
}

/** What stands for a param: itself, or 0 when a tree of something else is shaped like the params. */
const placeholderOf = (leaf: unknown): Leaf => {
  try {
    liftAt(leaf, () => '')
    return leaf as Leaf
  } catch {
    return 0
  }
}

/** Notes what is only in the second of two states, and what is in both. */
const compare = (
  none: unknown,
  one: unknown,
  params: Map<string, number>,
  others: Set<string>,
  param: number
): void => {
  const pending: { readonly before: unknown; readonly node: unknown; readonly path: Path }[] = [
    { before: none, node: one, path: [] }
  ]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { before, node, path } = next
    if (node === null) continue
    if (before === null || before === undefined) {
      params.set(written(path), param)
      continue
    }
    if (!isContainer(node)) others.add(written(path))
    const known = new Map(childrenOf(before))
    for (const [key, child] of childrenOf(node))
      pending.push({ before: known.get(key), node: child, path: [...path, key] })
  }
}

/** For each leaf of the first tree, that leaf and those at its place in the others. */
const leavesBeside = (trees: readonly TreeOf<unknown>[]): readonly (readonly unknown[])[] => {
  const found: (readonly unknown[])[] = []
  const names = trees.map((_, i) => `rest[${i}]`)
  if (trees.length > 0) walk('mapParams', names, trees, (beside) => found.push(beside))
  return found
}
