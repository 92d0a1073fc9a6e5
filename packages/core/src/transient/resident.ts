import { type Data, Kind, kindOf, widened } from '../array/dtype.js'
import { isNdArray } from '../array/ndarray.js'
import { withOwnEngine } from '../engine/chosen.js'
import { evaluation, innerEvaluations } from '../engine/edge.js'
import { defaultEngine, evaluate, read } from '../engine/evaluate.js'
import { Arena, type Contents, footprint, type Mark, MOST_BYTES } from '../engine/resident/arena.js'
import { ResidentEngine } from '../engine/resident/engine.js'
import { kernelsOf } from '../engine/resident/kernels.js'
import { runHere } from '../engine/resident/launches.js'
import type { PoolOptions } from '../engine/threads/pool.js'
import { type Pools, poolsOf } from '../engine/threads/poolsOf.js'
import { canShare } from '../engine/threads/spawn.js'
import { isWasmSupported } from '../engine/wasm/engine.js'
import { InvalidState, show } from '../errors.js'
import { Expr, type Leaf, leafOf } from '../expression/expr.js'
import { KeepingTape } from '../expression/keepingTape.js'
import { Op } from '../expression/op.js'
import { lift, sameShape, type Value } from '../expression/operations.js'
import { type Tape, withTape } from '../expression/tape.js'
import { isWorthwhile, type Layout, layoutOf, type Structure, structureOf } from '../grouping/layout.js'
import { leavesAlike } from '../grouping/pattern.js'
import { type Anatomy, anatomyOf, classesOf, replaced } from '../grouping/skeleton.js'
import { sourcesOf } from '../grouping/sources.js'
import { withTouchedRows } from '../rows/touchedRows.js'
import type { TouchedRows } from '../rows/types.js'
import { filledIn, leftOut, withAbsences } from '../transformation/absent.js'
import { addUpdates } from '../transformation/addUpdates.js'
import {
  concrete,
  conform,
  evaluateTrees,
  inFormOf,
  isForeign,
  liftPair,
  liftTree,
  mapState,
  markForeign,
  pairState
} from '../transformation/edge.js'
import { refuseThroughJson } from '../transformation/leaves.js'
import { liftGiven } from '../transformation/liftGiven.js'
import { checkState } from '../transformation/state.js'
import { type Taking, takingOf } from '../transformation/taken.js'
import type { Definition, Tree } from '../transformation/types.js'
import { leaves, map, walk } from '../tree/tree.js'
import { byName } from './byName.js'
import type { TransientBytes } from './bytes.js'
import { fixViews, type NumberPlace } from './places.js'
import { Groups, type Place, type Places, placeIn, treeIn } from './residentGroups.js'
import { type Course, courseOf, isSame, type Outcome, renewed } from './residentReplay.js'
import { type Spread, spread } from './spread.js'
import { treeOfViews, viewed } from './views.js'

const LEAST_SCRATCH = 16 * 2 ** 20
/** Room for the tables of one param: some hundred bytes for each kernel that works on it. */
const TABLES_PER_PARAM = 4096
/** What rounding to whole pages may take. */
const SLACK = 2 ** 17
/** How many courses of steps are known again: those that steps take in turn, such as the mini-batches of a step. */
const MOST_COURSES = 4

/** What a transient works on, until it is disposed. */
interface Inside {
  readonly arena: Arena
  /** Where the scratch begins, in each memory. */
  readonly base: Mark
  readonly tape: Tape
  readonly engine: ResidentEngine
  readonly pool: Pools | null
  readonly gradNodes: Tree<Value>
  /** The structure of {@link gradNodes}, to tell quickly whether gradients fit; `null` when there are numbers among them. */
  readonly gradForms: Structure | null
  /** The arrays of {@link gradNodes}. */
  readonly gradPlaces: readonly Data[]
  /** The views of the gradients, which users write to. */
  readonly written: { readonly grads: Tree<Leaf> }
  /** Where the number leaves of the gradients stand. */
  readonly numbers: readonly NumberPlace[]
  /** The structure of the params, where it is known. */
  readonly structure: Structure | null
  /** The views of the params, where there are no numbers among them. */
  views: Tree<Leaf> | null
  /** What steps did, the latest first; `null` when steps cannot be told from one another. */
  courses: Course[] | null
  /** How gradients are taken that are handed over. */
  readonly taking: Taking
  /** Whether gradients have dtypes of their own, so that updates are made for the params. */
  readonly areGradsOwn: boolean
  /** The params and the state leaf by leaf, where no groups have them. */
  params: Tree<Value>
  state: unknown
  /** How steps are made, as long as leaves can be done in groups. */
  groups: Groups | null
  isStepping: boolean
}

/** What is computed at the end of a step, and the params and the state once that is done. */
interface Ending {
  readonly outcome: Outcome
  readonly settled: () => readonly [Tree<Value>, unknown]
}

// Threads and their memory are given back also when nobody said that they are no longer needed.
const forgotten = /* @__PURE__ */ new FinalizationRegistry<Pools>((pool) => pool.dispose())

/** Params, gradients and state in an arena, and the steps that are made there: the inside of `transient`. */
export class Resident {
  readonly threads: number
  readonly #definition: Definition<unknown>
  readonly #contents: Contents
  readonly #total: number
  #scratchUsed = 0
  #inside: Inside | null

  constructor(
    definition: Definition<unknown>,
    params: unknown,
    given: unknown,
    threads: number,
    scratchBytes: number | undefined,
    poolOptions?: PoolOptions,
    most = MOST_BYTES
  ) {
    this.#definition = definition
    const { dispose } = Symbol as { readonly dispose?: symbol }
    if (dispose !== undefined) Object.defineProperty(this, dispose, { value: this.dispose })
    this.threads = threads > 1 && !(canShare() && isWasmSupported()) ? withoutThreads() : threads
    const nodes = ownLeaves(params)
    const state = startOf(definition, nodes, given)
    const kindOfGrad = gradKindOf(definition)
    const grouped = definition.gradients === undefined ? groupsIn(nodes, state) : null
    const whole = measure(nodes, kindOfGrad, state, grouped, scratchBytes, most)
    const isSpread = bytesOf(whole) > most - SLACK
    // Leaves are few where they fill several memories, and each is large.
    const plan = isSpread ? null : grouped
    const { contents, memories }: Spread = isSpread
      ? spread(nodes, kindOfGrad, state, most - SLACK, roomFor(scratchBytes), scratchBytes ?? LEAST_SCRATCH)
      : { contents: [whole], memories: new Map() }
    this.#contents = contents.reduce(together)
    const isShared = this.threads > 1
    const arena = new Arena(contents[0] as Contents, isShared, this.threads, contents.slice(1))
    const { targets, scalars }: Outcome = { targets: [], scalars: [] }
    const { gradNodes, placed, places } =
      plan === null
        ? place(arena, memories, nodes, kindOfGrad, state, { targets, scalars })
        : placeGroups(arena, nodes, state, plan, { targets, scalars })
    const written = { grads: treeOfViews(gradNodes) }
    const pool = isShared ? poolsOf(arena, this.threads - 1, poolOptions) : null
    if (pool !== null) forgotten.register(this, pool, this)
    this.#total = arena.all.reduce((sum, { bytes }) => sum + bytes, 0) + (pool?.bytes ?? 0)
    const base = arena.mark
    const tape = new KeepingTape()
    const engine = new ResidentEngine(arena, tape, kernelsOf(arena, isShared), pool?.run ?? runHere)
    const numbers = fixViews(written, false)
    const gradForms = numbers.length === 0 ? structureOf(gradNodes) : null
    const gradPlaces = leaves(gradNodes).flatMap((node) => (node instanceof Expr ? [node.data as Data] : []))
    const inside: Inside = {
      ...{ arena, base, tape, engine, pool, gradNodes, gradForms, gradPlaces, written, numbers },
      ...{ taking: takingOf(definition.gradients), areGradsOwn: definition.gradients !== undefined },
      structure: plan?.layout.structure ?? null,
      ...{ views: null, isStepping: false, groups: null, params: nodes, state: placed },
      courses: numbers.length === 0 ? [] : null
    }
    this.#inside = inside
    try {
      engine.storeOnce(scalars, targets)
    } catch (error) {
      this.dispose()
      throw error
    }
    inside.state = settleScalars(placed, scalars)
    if (places === null) return
    const views = (): unknown => treeOfViews(paramsIn(inside))
    inside.groups = new Groups(definition, arena, places, nodes, inside.state, views)
  }

  /** Whether all threads have started; until then this one does everything. */
  get isReady(): boolean {
    return this.#inside?.pool?.isReady ?? true
  }

  /** How many plans, nodes and courses of steps are remembered; each is bounded. */
  get remembered(): { readonly plans: number; readonly nodes: number; readonly courses: number } {
    const { engine, tape, courses } = this.#whole('remembered')
    return { plans: engine.plans, nodes: tape.size, courses: courses?.length ?? 0 }
  }

  get bytes(): TransientBytes {
    return { ...this.#contents, scratchUsed: this.#usedOf(this.#inside), total: this.#total }
  }

  get params(): unknown {
    const inside = this.#whole('params')
    if (inside.views !== null) return inside.views
    const views = { params: treeOfViews(paramsIn(inside)) }
    fixViews(views, true)
    if (inside.numbers.length === 0) inside.views = views.params
    return views.params
  }

  get state(): unknown {
    const { groups, state } = this.#whole('state')
    if (groups !== null) return groups.views
    const views = { state: mapState(state, viewed) }
    fixViews(views, true)
    return views.state
  }

  setState = (state: unknown): void => {
    const inside = this.#whole('setState')
    if (inside.isStepping) throw new InvalidState('setState: this transient is in the middle of a step')
    if (inside.groups?.takeViews(state)) return
    const current = stateIn(inside)
    checkState(current, state, inside.params, 'setState')
    const next = takeState(inside, current, state)
    inside.state = next
    inside.groups?.take(next)
  }

  get grads(): unknown {
    return this.#whole('grads').written.grads
  }

  step = (grads?: Tree, extra?: unknown): void => evaluation(() => this.#step(grads, extra))

  #step(grads: Tree | undefined, extra: unknown): void {
    const inside = this.#whole('step')
    if (inside.isStepping) throw new InvalidState('step: this transient is in the middle of a step')
    inside.pool?.check()
    const taken = grads === undefined ? WHOLE : takeGrads(inside, grads)
    const touched = this.#definition.takesRows === true ? taken.touched : null
    inside.isStepping = true
    try {
      if (taken.isPartial || touched !== null) {
        const others = leftOut(gradsAsWritten(inside), grads) as Tree<Value>
        withTouchedRows(touched, () => this.#stepOthers(inside, others, extra))
      } else if (inside.groups === null) this.#stepLeaves(inside, extra)
      else this.#stepGroups(inside, inside.groups, extra)
    } finally {
      inside.isStepping = false
    }
  }

  /** A step in which leaves are done in groups, or, when they cannot, one by one from now on. */
  #stepGroups(inside: Inside, groups: Groups, extra: unknown): void {
    const { engine, tape } = inside
    const before = innerEvaluations()
    const single = groups.isTried
      ? null
      : withTape(null, () => withOwnEngine(defaultEngine(), () => groups.single(gradsAsWritten(inside), extra)))
    // A definition that makes evaluations of its own is not run twice.
    const isAlone = innerEvaluations() === before
    const grads = (): Tree<Value> => gradsAsWritten(inside)
    const grouped = isAlone ? groups.step(numbersAsWritten(inside), grads, single, extra, tape, engine) : null
    if (grouped !== null) {
      engine.store(grouped.outcome.scalars, grouped.outcome.targets)
      grouped.settle()
      return
    }
    if (single === null) this.#stepLeaves(inside, extra)
    else {
      engine.rewind()
      this.#finish(inside, endingOf(inside, ...single))
    }
  }

  #stepLeaves(inside: Inside, extra: unknown): void {
    const { engine, tape } = inside
    engine.rewind()
    const [grads, params, state] = [gradsAsWritten(inside), paramsIn(inside), stateIn(inside)]
    const ending = withTape(tape, () =>
      withOwnEngine(engine, () => {
        const [updates, next] = this.#definition.update(grads, state, params, extra)
        return endingAgain(inside, updates, next) ?? endingOf(inside, updates, next)
      })
    )
    this.#finish(inside, ending)
  }

  /** A step in which some params, or some of their rows, have no gradient, leaf by leaf. */
  #stepOthers(inside: Inside, grads: Tree<Value>, extra: unknown): void {
    const { engine, tape, groups } = inside
    engine.rewind()
    const outcome: Outcome = { targets: [], scalars: [] }
    const [paramsBefore, stateBefore] = [paramsIn(inside), stateIn(inside)]
    const [params, state] = withTape(tape, () =>
      withOwnEngine(engine, () => {
        const update = (): readonly [Tree, unknown] => this.#definition.update(grads, stateBefore, paramsBefore, extra)
        const [updates, next] = withAbsences(true, update)
        const moving = leftOut(paramsBefore, updates) as Tree<Value>
        const form = inside.areGradsOwn ? moving : leftOut(inside.gradNodes, updates)
        const sums = addUpdates(moving, conform('step', updates, form))
        const after = filledIn(sums, paramsBefore, (param) => param)
        return [collect('params', paramsBefore, after, outcome), collect('state', stateBefore, next, outcome)] as const
      })
    )
    engine.store(outcome.scalars, outcome.targets)
    const [paramsAfter, stateAfter] = [params, state].map((tree) => settleScalars(tree, outcome.scalars))
    Object.assign(inside, { params: paramsAfter, state: stateAfter })
    groups?.takeParams(paramsAfter)
    groups?.take(stateAfter)
  }

  /** What went well leaf by leaf, and did not in groups, is done leaf by leaf from now on. */
  #finish(inside: Inside, { outcome, settled }: Ending): void {
    inside.engine.store(outcome.scalars, outcome.targets)
    const [params, state] = settled()
    Object.assign(inside, { groups: null, params, state })
  }

  snapshot = (): { readonly params: unknown; readonly state: unknown } => {
    const inside = this.#whole('snapshot')
    const params = paramsIn(inside)
    return { params: inFormOf(params, params), state: concrete(stateIn(inside)) }
  }

  dispose = (): void => {
    if (this.#inside?.isStepping) throw new InvalidState('dispose: this transient is in the middle of a step')
    this.#scratchUsed = this.#usedOf(this.#inside)
    this.#inside?.pool?.dispose()
    forgotten.unregister(this)
    this.#inside = null
  }

  #usedOf(inside: Inside | null): number {
    return inside === null ? this.#scratchUsed : inside.arena.usedBeyond(inside.base)
  }

  #whole(owner: string): Inside {
    if (this.#inside === null) throw new InvalidState(`${owner}: this transient was disposed`)
    if (this.#inside.engine.isTorn) {
      throw new InvalidState(`${owner}: a step broke off in its middle, so that arrays are partly old and partly new`)
    }
    return this.#inside
  }
}

const isArray = (leaf: unknown): leaf is Exclude<Leaf, number> =>
  leaf instanceof Float32Array ||
  leaf instanceof Float64Array ||
  (typeof leaf === 'object' && leaf !== null && isNdArray(leaf))

/** In which kind gradients are taken, for the kind of their params. */
const gradKindOf = ({ gradients }: Definition<unknown>): ((kind: Kind) => Kind) => {
  if (gradients === undefined) return (kind) => kind
  return gradients === 'params' ? widened : () => kindOf(gradients)
}

/** The params as nodes that nobody else has. */
const ownLeaves = (params: unknown): Tree<Value> => {
  const lifted = liftTree('transient', 'params', params)
  refuseThroughJson('transient', 'params', params)
  evaluateTrees(lifted)
  return map((node: Value): Value => {
    if (typeof node === 'number') return node
    return node.kind === Kind.Scalar ? node.value : leafOf(node.kind, node.shape, node.data as Data)
  }, lifted)
}

/** The state at the start, its arrays as nodes: a fresh one, still lazy, or the given one. */
const startOf = (definition: Definition<unknown>, params: Tree<Value>, given: unknown): unknown => {
  const fresh = definition.init(params)
  if (given !== undefined) {
    checkState(fresh, given, params, 'transient')
    // The state of a transformation that is not ours is not known as such when it comes from somewhere else.
    const mark = ([own, other]: readonly unknown[]): void => {
      if (typeof own === 'object' && own !== null && isForeign(own)) markForeign(other)
    }
    walk('transient', ['a fresh state', 'state'], [fresh, given], mark, { isLeaf: isForeign })
  }
  return mapState(given ?? fresh, (leaf) => (isArray(leaf) && !isForeign(leaf) ? lift(leaf) : leaf))
}

/** Trees of which leaves are done in groups. */
interface GroupPlan {
  readonly layout: Layout
  readonly anatomy: Anatomy
}

/** The groups of params with a state; `null` when leaves are better done one by one. */
const groupsIn = (nodes: Tree<Value>, state: unknown): GroupPlan | null => {
  const structure = structureOf(nodes)
  const anatomy = structure === null ? null : anatomyOf(structure, state)
  if (structure === null || anatomy === null) return null
  const layout = layoutOf(structure, classesOf(structure.forms.length, anatomy.kinds), byName(structure))
  return isWorthwhile(layout) ? { layout, anatomy } : null
}

/** Where everything lies: the nodes of the gradients and of the state. */
interface Placed {
  readonly gradNodes: Tree<Value>
  readonly placed: unknown
  readonly places: Places | null
}

/** Gives each array its place, one after the other. A lazy first state stands on the nodes of the params: they move. */
const place = (
  arena: Arena,
  memories: Spread['memories'],
  nodes: Tree<Value>,
  kindOfGrad: (kind: Kind) => Kind,
  state: unknown,
  outcome: Outcome
): Placed => {
  const placeOf = (node: Expr, kind = node.kind): Expr => {
    const memory = arena.all[memories.get(node) ?? 0] as Arena
    return leafOf(kind, node.shape, memory.takeArray(kind, node.size))
  }
  for (const node of leaves(nodes)) if (node instanceof Expr) move(node, placeOf(node).data as Data)
  const gradNodes = map(
    (node: Value): Value => (node instanceof Expr ? placeOf(node, kindOfGrad(node.kind)) : 0),
    nodes
  )
  return { gradNodes, placed: placeRest(state, placeOf, outcome), places: null }
}

/** The same with the arrays of each group side by side. */
const placeGroups = (
  arena: Arena,
  nodes: Tree<Value>,
  state: unknown,
  { layout, anatomy }: GroupPlan,
  outcome: Outcome
): Placed => {
  const kinds = layout.structure.forms.map(({ kind }) => kind)
  const params = placeIn(arena, layout, kinds)
  const own = leaves(nodes)
  own.forEach((node, leaf) => {
    if (node instanceof Expr) move(node, params.nodes[leaf]?.data as Data)
  })
  const grads = placeIn(arena, layout, kinds)
  const gradNodes = treeIn(
    layout,
    grads,
    kinds.map(() => 0)
  )
  const found: Place[] = []
  const known = new Set<Expr>()
  const made = replaced(anatomy.skeleton, state, (number, tree) => {
    const made = placeIn(arena, layout, anatomy.kinds[number] as Place['kinds'])
    found[number] = made
    const given: unknown[] = []
    leavesAlike(layout.structure.tree, tree, given, { mayMiss: true })
    given.forEach((leaf, i) => {
      const node = made.nodes[i] ?? null
      if (node === null || !(leaf instanceof Expr)) return
      known.add(node)
      if (!isZero(leaf)) outcome.targets.push({ node: leaf, to: node.data as Data })
    })
    given.forEach((leaf) => {
      if (leaf instanceof Expr && leaf.kind === Kind.Scalar) outcome.scalars.push(leaf)
    })
    return treeIn(layout, made, given)
  })
  const placeOf = (node: Expr): Expr =>
    known.has(node) ? node : leafOf(node.kind, node.shape, arena.takeArray(node.kind, node.size))
  const places: Places = {
    ...{ layout, skeleton: anatomy.skeleton, grads, state: found },
    params: { ...params, nodes: own.map((node) => (node instanceof Expr ? node : null)) }
  }
  return { gradNodes, placed: placeRest(made?.state, placeOf, outcome), places }
}

/** Whether a node is zeros, which are in a fresh memory already. */
const isZero = ({ op, a }: Expr): boolean => op === Op.Fill && Object.is(a, 0)

/** Moves the elements of a node. */
const move = (node: Expr, to: Data): void => {
  to.set(node.data as Data)
  node.data = to
}

const placeRest = (state: unknown, placeOf: (node: Expr) => Expr, { targets, scalars }: Outcome): unknown =>
  mapState(state, (leaf) => {
    if (!(leaf instanceof Expr)) return leaf
    if (leaf.kind === Kind.Scalar) {
      scalars.push(leaf)
      return leaf
    }
    const place = placeOf(leaf)
    if (place !== leaf && !isZero(leaf)) targets.push({ node: leaf, to: place.data as Data })
    return place
  })

/** How many bytes everything takes. */
const measure = (
  nodes: Tree<Value>,
  kindOfGrad: (kind: Kind) => Kind,
  state: unknown,
  plan: GroupPlan | null,
  scratchBytes: number | undefined,
  most: number
): Contents => {
  const bytesOf = (leaf: unknown, kindOf = (kind: Kind): Kind => kind): number =>
    leaf instanceof Expr && leaf.kind !== Kind.Scalar ? footprint(kindOf(leaf.kind), leaf.size) : 0
  const params = leaves(nodes)
  const kinds = plan?.layout.structure.forms.map(({ kind }) => kind) ?? []
  const paramBytes =
    plan === null ? params.reduce<number>((sum, leaf) => sum + bytesOf(leaf), 0) : bytesInGroups(plan.layout, kinds)
  const gradBytes =
    plan === null ? params.reduce<number>((sum, leaf) => sum + bytesOf(leaf, kindOfGrad), 0) : paramBytes
  let stateBytes = 0
  // Arrays beside those that are like the params.
  const rest = plan === null ? state : replaced(plan.anatomy.skeleton, state, () => null)?.state
  mapState(rest, (leaf) => {
    stateBytes += bytesOf(leaf)
    return null
  })
  if (plan !== null) for (const of of plan.anatomy.kinds) stateBytes += bytesInGroups(plan.layout, of)
  // Products leave matrices in between, some of the size of their leaf, which the next leaf uses again.
  const largest = params.reduce<number>((most, leaf) => Math.max(most, bytesOf(leaf)), 0)
  const wanted = roomFor(scratchBytes)(paramBytes, largest, params.length)
  const left = most - SLACK - paramBytes - gradBytes - stateBytes
  const scratch = scratchBytes ?? Math.max(LEAST_SCRATCH, Math.min(wanted, left))
  return { params: paramBytes, grads: gradBytes, state: stateBytes, scratch }
}

const bytesOf = ({ params, grads, state, scratch }: Contents): number => params + grads + state + scratch

const together = (a: Contents, b: Contents): Contents => ({
  params: a.params + b.params,
  grads: a.grads + b.grads,
  state: a.state + b.state,
  scratch: a.scratch + b.scratch
})

/** How much scratch is wanted: what is asked for, or what params of so many bytes may need. */
const roomFor =
  (scratchBytes: number | undefined) =>
  (params: number, largest: number, count: number): number =>
    scratchBytes ?? Math.max(LEAST_SCRATCH, 4 * params + 8 * largest + TABLES_PER_PARAM * count)

const bytesInGroups = ({ groups }: Layout, kinds: readonly (Kind | null)[]): number =>
  groups.reduce((sum, { extent, members }) => {
    const kind = kinds[members[0] as number] ?? null
    return kind === null || kind === Kind.Scalar ? sum : sum + footprint(kind, extent)
  }, 0)

const paramsIn = ({ groups, params }: Inside): Tree<Value> => groups?.params ?? params

const stateIn = ({ groups, state }: Inside): unknown => (groups === null ? state : groups.state)

/** The numbers among the gradients, where those stand. */
const numbersAsWritten = (inside: Inside): readonly unknown[] => {
  const { numbers, structure, written } = inside
  const found: unknown[] = []
  if (numbers.length > 0 && inside.groups !== null) gradsAsWritten(inside)
  if (numbers.length > 0 && structure !== null) leavesAlike(structure.tree, written.grads, found)
  return found
}

/** The gradients that stand in the views. */
const gradsAsWritten = (inside: Inside): Tree<Value> => {
  const { gradNodes, numbers, written } = inside
  if (numbers.length === 0) return gradNodes
  // Anything may have been assigned: then this says what and where.
  if (numbers.some(({ container, key }) => typeof container[key] !== 'number'))
    liftPair('step', written.grads, paramsIn(inside), 'grads', 'params', inside.taking)
  let at = 0
  const next = (): number => {
    const { container, key } = numbers[at++] as NumberPlace
    return container[key] as number
  }
  return map((node: Value): Value => (node instanceof Expr ? node : next()), gradNodes)
}

/** What is known of gradients that were taken. */
interface Taken {
  /** Whether some are `null`. */
  readonly isPartial: boolean
  /** Which rows those were of that came as sparse rows. */
  readonly touched: TouchedRows | null
}

const WHOLE: Taken = { isPartial: false, touched: null }

/** Copies gradients to their places, once all of them are known to fit. */
const takeGrads = (inside: Inside, grads: Tree): Taken => {
  const { arena, gradNodes, gradForms, gradPlaces, numbers } = inside
  const given: Data[] = []
  if (gradForms !== null && sourcesOf(gradForms, grads, given)) {
    // Gradients may be handed over as views of one another's places.
    for (let i = 0; i < given.length; i++) {
      const data = given[i] as Data
      if (data !== gradPlaces[i] && arena.holds(data)) given[i] = data.slice()
    }
    for (let i = 0; i < given.length; i++) if (given[i] !== gradPlaces[i]) gradPlaces[i]?.set(given[i] as Data)
    return WHOLE
  }
  const params = paramsIn(inside)
  const { grads: lifted, form, touched } = liftGiven('step', grads, params, inside.taking)
  const sources = leaves(filledIn(lifted, params, () => NONE) as Tree<Value | typeof NONE>).map((grad) => {
    if (grad === NONE) return NONE
    if (typeof grad === 'number' || grad.kind === Kind.Scalar) return read(grad)
    if (grad.op !== Op.Leaf) evaluate([grad])
    const data = grad.data as Data
    return arena.holds(data) ? data.slice() : data
  })
  let at = 0
  leaves(gradNodes).forEach((node, i) => {
    const source = sources[i]
    const place = node instanceof Expr ? null : (numbers[at++] as NumberPlace)
    if (source === NONE) return
    if (place === null) ((node as Expr).data as Data).set(source as Data)
    else place.container[place.key] = source
  })
  return { isPartial: form !== lifted, touched }
}

/** Stands where a param has no gradient. */
const NONE = /* @__PURE__ */ Symbol('none')

/** How a step ends, when an earlier one gave the same nodes: as that one did, but for numbers. */
const endingAgain = ({ courses }: Inside, updates: Tree, next: unknown): Ending | null => {
  const at = courses?.findIndex((known) => isSame(known.updates, updates) && isSame(known.next, next)) ?? -1
  if (courses === null || at < 0) return null
  if (at > 0) courses.unshift(...courses.splice(at, 1))
  const { next: item, outcome, params, state } = courses[0] as Course
  return { outcome, settled: () => [params, renewed(item, next, state)] }
}

/** How a step ends that gave these updates and this state. */
const endingOf = (inside: Inside, updates: Tree, next: unknown): Ending => {
  const outcome: Outcome = { targets: [], scalars: [] }
  const before = paramsIn(inside)
  const sums = addUpdates(before, conform('step', updates, inside.areGradsOwn ? before : inside.gradNodes))
  const params = collect('params', before, sums, outcome) as Tree<Value>
  const state = collect('state', stateIn(inside), next, outcome)
  const course = inside.courses === null ? null : courseOf(updates, next, { outcome, params, state })
  // What cannot be told this time cannot be told another time.
  inside.courses = course === null ? null : [course, ...(inside.courses ?? []).slice(0, MOST_COURSES - 1)]
  const { scalars } = outcome
  return { outcome, settled: () => [settleScalars(params, scalars) as Tree<Value>, settleScalars(state, scalars)] }
}

/** The next tree with the arrays where they were; what these are to hold, and the lazy numbers, are added to the outcome. */
const collect = (name: string, before: unknown, after: unknown, { targets, scalars }: Outcome): unknown => {
  const [targetsBefore, scalarsBefore] = [targets.length, scalars.length]
  const take = (old: unknown, next: unknown, path: () => string): unknown => {
    if (!(old instanceof Expr)) {
      if (next instanceof Expr && next.kind === Kind.Scalar) scalars.push(next)
      else if ((next instanceof Expr || isArray(next)) && !isForeign(next)) {
        throw new InvalidState(`step: ${name}${path()} was ${show(old)} and would become an array`)
      }
      return next
    }
    const node = isArray(next) ? lift(next) : next
    if (node === old) return old
    if (!(node instanceof Expr) || node.kind !== old.kind || !sameShape(node, old)) {
      throw new InvalidState(`step: ${name}${path()} would change its shape or dtype, which arrays that stay cannot`)
    }
    targets.push({ node, to: old.data as Data })
    return old
  }
  return pairState(before, after, take, () => {
    targets.length = targetsBefore
    scalars.length = scalarsBefore
  })
}

let hasWarned = false

const withoutThreads = (): number => {
  if (!hasWarned) {
    const why = isWasmSupported()
      ? 'threads cannot share memory here (a page must be cross-origin isolated)'
      : 'there is no WebAssembly here (a page may forbid it by its content security policy)'
    // biome-ignore lint/suspicious/noConsole: nothing else would tell that the threads asked for are not there.
    console.warn(`transient: ${why}, so there is one thread`)
  }
  hasWarned = true
  return 1
}

/** A tree with numbers for its lazy numbers, which have been computed. */
const settleScalars = (tree: unknown, scalars: readonly Expr[]): unknown =>
  scalars.length === 0
    ? tree
    : mapState(tree, (leaf) => (leaf instanceof Expr && leaf.kind === Kind.Scalar ? leaf.value : leaf))

/** Puts the arrays of a state in the places of those that are there, unless it is they; the state with its numbers. */
const takeState = ({ arena }: Inside, current: unknown, state: unknown): unknown => {
  const moves: { readonly from: Data; readonly to: Data }[] = []
  const take = (old: unknown, next: unknown): unknown => {
    if (!(old instanceof Expr)) return next
    const data = isArray(next) && isNdArray(next) ? next.data : (next as Data)
    // One array may be where another was: what is in the arena is set aside first.
    if (data !== old.data) moves.push({ from: arena.holds(data) ? data.slice() : data, to: old.data as Data })
    return old
  }
  const next = pairState(current, state, take, () => {
    moves.length = 0
  })
  for (const { from, to } of moves) to.set(from)
  return next
}
