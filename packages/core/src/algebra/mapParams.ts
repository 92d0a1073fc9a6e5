import { callable, check, optional, withDefaults } from '../check.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import type { Leaf } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { liftAt } from '../transformation/edge.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Definition, StateOf, Tree } from '../transformation/types.js'
import { type Path, written } from '../tree/path.js'
import { isContainer, leaves, map, type TreeOf, unflatten, walk } from '../tree/tree.js'
import { childrenOf } from './childrenOf.js'
import { rebuild } from './rebuild.js'
import { GO_ON } from './rebuildBeside.js'

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
 * Which parts these are is found out by asking for the state of a placeholder, and of nothing: what the one has and the other
 * has not is there for the params. A transformation whose init looks at the params (a mask, labels) wants them as the first
 * of `rest`; each of them is then left out in turn.
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
    if (!probed.all.has(place)) {
      const what = `state${place} is there for a param, and init has nothing there for ${rest?.[0] === undefined ? 'a placeholder' : 'it'}`
      throw new InvalidTree(`mapParams: ${what}${rest?.[0] === undefined ? HINT : ''}`)
    }
    return transformNonParams === undefined ? node : transformNonParams(node)
  })
}

const HINT = '; give the params as the first of rest'

/** Where a state has something for the params, with the number of the param, and where it has anything at all. */
interface Probed {
  readonly params: ReadonlyMap<string, number>
  readonly all: ReadonlySet<string>
}

/** Asks for the state of all params, and of all but each; of a number, when it is not known what they are. */
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
  const without = (param: number): Tree =>
    unflatten(
      shape,
      stand.map((leaf, i) => (i === param ? null : leaf))
    ) as Tree
  const full = stateOf(unflatten(shape, stand) as Tree)
  // What is null without a param is there for it. So is what is missing, unless it is there for another: a list may be as
  // long as one of the params needs, and have items for all of them.
  const params = new Map<string, number>()
  const missing = new Map<string, number>()
  const all = new Set<string>()
  stand.forEach((_, param) => compare(stateOf(without(param)), full, param, { params, missing, all }))
  if (stand.length === 0) compare(full, full, 0, { params, missing, all })
  for (const [place, param] of missing) if (!params.has(place)) params.set(place, param)
  return { params, all }
}

/** What stands for a param: itself, or 0 when a tree of something else is shaped like the params. */
const placeholderOf = (leaf: unknown): Value => {
  try {
    return liftAt(leaf, '', () => '')
  } catch {
    return 0
  }
}

interface Notes {
  readonly params: Map<string, number>
  readonly missing: Map<string, number>
  readonly all: Set<string>
}

/** Notes where the state without a param has null, or nothing, and the full one has something. */
const compare = (without: unknown, full: unknown, param: number, { params, missing, all }: Notes): void => {
  const pending: { readonly before: unknown; readonly node: unknown; readonly path: Path }[] = [
    { before: without, node: full, path: [] }
  ]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { before, node, path } = next
    if (node === null) continue
    const place = written(path)
    if (before === null) {
      params.set(place, param)
      continue
    }
    if (!isContainer(node)) {
      all.add(place)
      if (before === undefined) missing.set(place, param)
      continue
    }
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
