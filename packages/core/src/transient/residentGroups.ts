import { type Data, Kind } from '../array/dtype.js'
import { withOwnEngine } from '../engine/chosen.js'
import { defaultEngine } from '../engine/evaluate.js'
import type { Arena } from '../engine/resident/arena.js'
import type { ResidentEngine } from '../engine/resident/engine.js'
import { Domain } from '../expression/domain.js'
import { Expr, isGroup, leafOf } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { type Tape, withTape } from '../expression/tape.js'
import { Comparison } from '../grouping/compare.js'
import { isWorthwhile, type Layout, type LeafForm, refined, shapeIn } from '../grouping/layout.js'
import { leavesAlike, treeOf } from '../grouping/pattern.js'
import { replaced } from '../grouping/skeleton.js'
import { addUpdates } from '../transformation/addUpdates.js'
import { conform, isInner } from '../transformation/edge.js'
import type { Definition, Tree } from '../transformation/types.js'
import { type Grouped, groupedIn, standIn } from '../tree/grouping.js'
import { mapChildren } from '../tree/mapChildren.js'
import { isContainer } from '../tree/walk.js'
import { watched } from '../watch.js'
import { fixViews } from './places.js'
import type { Outcome } from './residentReplay.js'
import { treeOfViews, viewed } from './views.js'

/** A tree like the params in an arena: the array of each group, and the node of each leaf, which lies in it. */
export interface Place {
  readonly kinds: readonly (Kind | null)[]
  readonly blocks: readonly (Data | null)[]
  readonly nodes: readonly (Expr | null)[]
}

/** Where the trees lie: params, gradients, and what is like them in the state. */
export interface Places {
  readonly layout: Layout
  readonly skeleton: unknown
  readonly params: Place
  readonly grads: Place
  readonly state: readonly Place[]
}

/** Room for a tree like the params, each group in one stretch. */
export const placeIn = (arena: Arena, { groups, starts, structure }: Layout, kinds: Place['kinds']): Place => {
  const nodes: (Expr | null)[] = structure.forms.map(() => null)
  const blocks = groups.map(({ form, extent, members }): Data | null => {
    const first = members[0] as number
    const kind = kinds[first] ?? null
    if (kind === null || kind === Kind.Scalar) return null
    const block = arena.takeArray(kind, extent)
    for (const leaf of members) {
      const param = structure.forms[leaf] as LeafForm
      const data = form instanceof Domain ? arena.part(block, starts[leaf] as number, param.size) : block
      nodes[leaf] = leafOf(kind, shapeIn(kind, param), data)
    }
    return block
  })
  return { kinds, blocks, nodes }
}

/** The leaves of a place as a tree, with numbers where it has none. */
export const treeIn = ({ structure }: Layout, { nodes, kinds }: Place, numbers: readonly unknown[]): Tree<Value> =>
  treeOf(structure.tree, (leaf) => (kinds[leaf] === Kind.Scalar ? numbers[leaf] : nodes[leaf])) as Tree<Value>

/** How often it is looked whether grouping changes anything, where steps take courses that are new. */
const MOST_TRIALS = 12
/** How often leaves are told apart by more before they are done one by one. */
const MOST_REFINEMENTS = 8

/** What a step is to compute, and what is to be done once that is there. */
export interface GroupedStep {
  readonly outcome: Outcome
  readonly settle: () => void
}

/** The nodes of a tree like the params, one for each group; `null` for nothing, and for numbers, which have none. */
type Row = readonly (Expr | null)[]

/** Updates, lazy, and the next state. */
type Computed = readonly [Tree, unknown]

interface Rows {
  readonly params: Row
  readonly grads: Row
  readonly state: readonly Row[]
}

const MISFIT = /* @__PURE__ */ Symbol('misfit')

/** Steps whose definition is handed stand-ins for whole trees, so that the work of the host is done once for each group. */
export class Groups {
  readonly #definition: Definition<unknown>
  readonly #arena: Arena
  readonly #places: Places
  readonly #hasNumbers: boolean
  #layout: Layout
  #rows: Rows
  #sources = new Map<Expr, readonly (Data | null)[]>()
  readonly #viewsOfParams: () => unknown
  /** The views of the trees of the state, where there are no numbers among them. */
  readonly #views: unknown[] = []
  #params: object
  #state: unknown
  #trials = 0

  /** Groups of trees that lie at these places, with the params and the state as they are leaf by leaf. */
  constructor(
    definition: Definition<unknown>,
    arena: Arena,
    places: Places,
    params: unknown,
    state: unknown,
    viewsOfParams: () => unknown
  ) {
    this.#definition = definition
    this.#viewsOfParams = viewsOfParams
    this.#arena = arena
    this.#places = places
    this.#hasNumbers = places.params.kinds.includes(Kind.Scalar)
    this.#layout = places.layout
    this.#rows = this.#rowsOf()
    this.#params = this.#stand(this.#rows.params, this.#numbersIn(params), this.#viewsOfParams)
    this.#state = this.#standing(state)
  }

  /** The params, leaf by leaf. */
  get params(): Tree<Value> {
    return this.#leavesOf(this.#places.params, this.#params)
  }

  /** The state, leaf by leaf. */
  get state(): unknown {
    let number = 0
    return expanded(this.#state, (stand) => this.#leavesOf(this.#places.state[number++] as Place, stand))
  }

  /** The state, its arrays as views that stay, all of it fixed. */
  get views(): unknown {
    let number = 0
    return expanded(this.#state, (stand) => this.#viewsOf(number++, stand), viewed)
  }

  /** Goes on from other params, given leaf by leaf, with their arrays in their places. */
  takeParams(params: unknown): void {
    this.#params = this.#stand(this.#rows.params, this.#numbersIn(params), this.#viewsOfParams)
  }

  /** Goes on from another state, given leaf by leaf, with its arrays in their places. */
  take(state: unknown): void {
    this.#state = this.#standing(state)
  }

  /** Goes on from a state that is made of the views of this one and of other numbers; `false` when there is more to it. */
  takeViews(state: unknown): boolean {
    let number = 0
    const take = (own: unknown, given: unknown): unknown => {
      if (groupedIn(own) !== undefined) {
        if (this.#views[number++] !== given) throw MISFIT
        return own
      }
      if (isInner(own)) {
        if (!isContainer(given) || Array.isArray(own) !== Array.isArray(given)) throw MISFIT
        if (Object.keys(given).join() !== Object.keys(own).join()) throw MISFIT
        return mapChildren(own, (child, key) => take(child, fieldOf(given, key)))
      }
      if (typeof own === 'object' ? viewed(own) !== given : typeof own !== typeof given) throw MISFIT
      return own instanceof Expr ? own : given
    }
    try {
      this.#state = take(this.#state, state)
      return true
    } catch (error) {
      if (error !== MISFIT) throw error
      return false
    }
  }

  #viewsOf(number: number, stand: object): unknown {
    const known = this.#views[number]
    if (known !== undefined) return known
    const root = { views: treeOfViews(this.#leavesOf(this.#places.state[number] as Place, stand)) }
    fixViews(root, true)
    if (!this.#hasNumbers) this.#views[number] = root.views
    return root.views
  }

  /** Plans a step with the gradients in their places, and the numbers among them; `null` when it must be done leaf by leaf. */
  step(
    gradients: readonly unknown[],
    grads: () => Tree<Value>,
    single: Computed | null,
    extra: unknown,
    tape: Tape,
    engine: ResidentEngine
  ): GroupedStep | null {
    for (let attempt = 0; attempt < MOST_REFINEMENTS && isWorthwhile(this.#layout); attempt++) {
      engine.rewind()
      const stand = this.#stand(this.#rows.grads, gradients)
      const compute = (): Computed => this.#compute(stand, extra)
      const done = watched(() => withTape(tape, () => withOwnEngine(engine, compute)))
      if (done.isDone) {
        const isConfirmed = !tape.isNew || this.#isConfirmed(done.result, single, grads, extra)
        return isConfirmed ? this.#ending(...done.result, tape) : null
      }
      if (done.classes === null) return null
      this.#refine(done.classes)
    }
    return null
  }

  /** What the definition gives leaf by leaf. */
  single(grads: Tree<Value>, extra: unknown): Computed {
    return this.#definition.update(grads, this.state, this.params, extra)
  }

  /** Whether it was looked before whether grouping changes anything. */
  get isTried(): boolean {
    return this.#trials > 0
  }

  #compute(grads: unknown, extra: unknown): Computed {
    const [updates, next] = this.#definition.update(grads as Tree, this.#state, this.#params as Tree, extra)
    return [conform('step', updates, grads), next]
  }

  #isConfirmed([updates, next]: Computed, known: Computed | null, grads: () => Tree<Value>, extra: unknown): boolean {
    if (this.#trials >= MOST_TRIALS) return true
    this.#trials += 1
    const leafwise = (): Computed => this.single(grads(), extra)
    const [single, singleNext] = known ?? withTape(null, () => withOwnEngine(defaultEngine(), leafwise))
    const comparison = new Comparison(this.#layout, this.#sources)
    return comparison.trees(updates, conform('step', single, grads())) && comparison.trees(next, singleNext)
  }

  /** Tells leaves apart by more. */
  #refine(classes: readonly unknown[]): void {
    const { params, state } = this
    this.#layout = refined(this.#layout, classes)
    this.#sources = new Map()
    this.#rows = this.#rowsOf()
    this.takeParams(params)
    this.#state = this.#standing(state)
  }

  #rowsOf(): Rows {
    const { params, grads, state } = this.#places
    const rowOf = (place: Place): Row => this.#rowOf(place)
    return { params: rowOf(params), grads: rowOf(grads), state: state.map(rowOf) }
  }

  #rowOf({ kinds, blocks, nodes }: Place): Row {
    const base = this.#places.layout
    const arrays = nodes.map((node) => node?.data ?? null)
    return this.#layout.groups.map(({ form, members }) => {
      const first = members[0] as number
      const kind = kinds[first] ?? null
      const number = base.grouping.order[first] as number
      const block = blocks[number] as Data | null
      if (kind === null || block === null) return null
      if (!(form instanceof Domain)) return nodes[first] as Expr
      // Parts of a block that are never written by one another are arrays of their own to the planner.
      const isPart = form !== base.groups[number]?.form
      const node = leafOf(kind, form, isPart ? this.#arena.part(block, 0, block.length) : block)
      this.#sources.set(node, arrays)
      return node
    })
  }

  /** A stand-in, with the numbers of the leaves that are numbers. */
  #stand(row: Row, numbers: readonly unknown[], source: Grouped['source'] = null): object {
    const { groups, grouping } = this.#layout
    if (!this.#hasNumbers) return standIn(grouping, row, source)
    const values = groups.map(({ kind, members }, i) => (kind === Kind.Scalar ? numbers[members[0] as number] : row[i]))
    return standIn(grouping, values, source)
  }

  #numbersIn(tree: unknown): readonly unknown[] {
    const leaves: unknown[] = []
    if (this.#hasNumbers) leavesAlike(this.#layout.structure.tree, tree, leaves, { mayMiss: true })
    return leaves
  }

  #standing(state: unknown): unknown {
    const made = replaced(this.#places.skeleton, state, (number, tree) =>
      this.#stand(this.#rows.state[number] as Row, this.#numbersIn(tree))
    )
    return made?.state
  }

  #leavesOf(place: Place, stand: unknown): Tree<Value> {
    const { grouping } = this.#layout
    const { values } = groupedIn(stand) as Grouped
    const numbers = this.#hasNumbers ? Array.from(grouping.order, (group) => values[group]) : []
    return treeIn(this.#layout, place, numbers)
  }

  /** What a step leaves behind, when it fits into the places. */
  #ending(updates: Tree, next: unknown, tape: Tape): GroupedStep | null {
    const outcome: Outcome = { targets: [], scalars: [] }
    const sums = watched(() => withTape(tape, () => addUpdates(this.#params as Tree<Value>, updates as Tree<Value>)))
    if (!sums.isDone) return null
    try {
      const params = this.#pair(this.#params, sums.result, outcome)
      const state = this.#pair(this.#state, next, outcome)
      const settle = (): void => {
        this.#params = settled(params) as object
        this.#state = settled(state)
      }
      return { outcome, settle }
    } catch (error) {
      if (error !== MISFIT) throw error
      return null
    }
  }

  #pair(before: unknown, after: unknown, outcome: Outcome): unknown {
    const old = groupedIn(before)
    if (old !== undefined) return this.#pairGroups(before as object, old, groupedIn(after), outcome)
    if (groupedIn(after) !== undefined) throw MISFIT
    if (isInner(before)) {
      if (!isInner(after) || Array.isArray(after) !== Array.isArray(before)) throw MISFIT
      const keys = Object.keys(before)
      if (Object.keys(after).length !== keys.length || !keys.every((key) => Object.hasOwn(after, key))) throw MISFIT
      return mapChildren(before, (child, key) => this.#pair(child, fieldOf(after, key), outcome))
    }
    if (before instanceof Expr) return pairNodes(before, after, outcome)
    if (after instanceof Expr && after.kind === Kind.Scalar && !isGroup(after)) outcome.scalars.push(after)
    else if (typeof after === 'object' && after !== null) throw MISFIT
    return after
  }

  #pairGroups(stand: object, before: Grouped, after: Grouped | undefined, outcome: Outcome): object {
    if (after?.grouping !== before.grouping) throw MISFIT
    const values = before.values.map((old, i) => {
      const next = after.values[i]
      if (old instanceof Expr) return pairNodes(old, next, outcome)
      if (next instanceof Expr && next.kind === Kind.Scalar && typeof old === 'number') outcome.scalars.push(next)
      else if (typeof next !== typeof old || next instanceof Expr) throw MISFIT
      return next
    })
    return this.#hasNumbers ? standIn(before.grouping, values, before.source) : stand
  }
}

const fieldOf = (node: object, key: string): unknown => (node as Readonly<Record<string, unknown>>)[key]

/** An array that stays, and what it is to hold. */
const pairNodes = (old: Expr, next: unknown, { targets }: Outcome): Expr => {
  if (next === old) return old
  if (!(next instanceof Expr) || next.kind !== old.kind || next.form !== old.form) {
    // Those that are alone may be of one shape under two objects: that is for the thorough way to say.
    if (!(next instanceof Expr) || isGroup(old) || isGroup(next) || next.kind !== old.kind || !isAlike(next, old)) {
      throw MISFIT
    }
  }
  targets.push({ node: next, to: old.data as Data })
  return old
}

const isAlike = (a: Expr, b: Expr): boolean =>
  a.size === b.size && (a.shape ?? [a.size]).join() === (b.shape ?? [b.size]).join()

/** A state with other things in place of its stand-ins; fixed, when its leaves become views. */
const expanded = (node: unknown, expand: (stand: object) => unknown, view?: (leaf: unknown) => unknown): unknown => {
  if (groupedIn(node) !== undefined) return expand(node as object)
  if (!isInner(node)) return view === undefined ? node : view(node)
  const made = mapChildren(node, (child) => expanded(child, expand, view))
  return view === undefined ? made : Object.freeze(made)
}

/** A tree with numbers in place of its lazy numbers, which have been computed. */
const settled = (node: unknown): unknown => {
  const grouped = groupedIn(node)
  if (grouped !== undefined) {
    const isKnown = (value: unknown): boolean => !(value instanceof Expr && value.kind === Kind.Scalar)
    return grouped.values.every(isKnown) ? node : standIn(grouped.grouping, grouped.values.map(settled), grouped.source)
  }
  if (node instanceof Expr) return node.kind === Kind.Scalar ? node.value : node
  return isInner(node) ? mapChildren(node, settled) : node
}
