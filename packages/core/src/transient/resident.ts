import { type Data, Kind } from '../array/dtype.js'
import { isNdArray, type NdArray } from '../array/ndarray.js'
import { evaluate, read, withEngine } from '../engine/evaluate.js'
import { Arena, type Contents, footprint, MOST_BYTES } from '../engine/resident/arena.js'
import { ResidentEngine } from '../engine/resident/engine.js'
import { kernelsOf } from '../engine/resident/kernels.js'
import { runHere } from '../engine/resident/launches.js'
import { type PoolOptions, ThreadPool } from '../engine/threads/pool.js'
import { canShare } from '../engine/threads/spawn.js'
import { isWasmSupported } from '../engine/wasm/engine.js'
import { InvalidState, show } from '../errors.js'
import { Expr, type Leaf, leafOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { lift, sameShape, type Value } from '../expression/operations.js'
import { Tape, withTape } from '../expression/tape.js'
import { addUpdates } from '../transformation/addUpdates.js'
import {
  concrete,
  conform,
  evaluateTrees,
  isForeign,
  liftPair,
  liftTree,
  mapState,
  markForeign,
  pairState
} from '../transformation/edge.js'
import { checkState } from '../transformation/state.js'
import type { Definition, Tree } from '../transformation/types.js'
import { leaves, map, walk } from '../tree/tree.js'
import type { TransientBytes } from './bytes.js'
import { fixViews, type NumberPlace } from './places.js'
import { type Course, courseOf, type Item, isSame, itemOf, type Outcome, renewed, sourcesOf } from './residentReplay.js'

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
  /** Where the scratch begins. */
  readonly base: number
  readonly tape: Tape
  readonly engine: ResidentEngine
  readonly pool: ThreadPool | null
  readonly gradNodes: Tree<Value>
  /** {@link gradNodes} in order, to tell quickly whether gradients fit; `null` when there are numbers among them. */
  readonly gradItem: Item | null
  /** The arrays of {@link gradNodes}. */
  readonly gradPlaces: readonly Data[]
  /** The views of the gradients, which users write to. */
  readonly written: { readonly grads: Tree<Leaf> }
  /** Where the number leaves of the gradients stand. */
  readonly numbers: readonly NumberPlace[]
  /** What steps did, the latest first; `null` when steps cannot be told from one another. */
  courses: Course[] | null
  params: Tree<Value>
  state: unknown
}

/** What is computed at the end of a step, and the params and the state once that is done. */
interface Ending {
  readonly outcome: Outcome
  readonly settled: () => readonly [Tree<Value>, unknown]
}

// Threads and their memory are given back also when nobody said that they are no longer needed.
const forgotten = /* @__PURE__ */ new FinalizationRegistry<ThreadPool>((pool) => pool.dispose())

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
    poolOptions?: PoolOptions
  ) {
    this.#definition = definition
    this.threads = threads > 1 && !(canShare() && isWasmSupported()) ? withoutThreads() : threads
    const nodes = ownLeaves(params)
    const state = startOf(definition, nodes, given)
    this.#contents = measure(leaves(nodes), state, scratchBytes)
    const isShared = this.threads > 1
    const arena = new Arena(this.#contents, isShared)

    // A lazy first state stands on these nodes: from here on they are about the arrays in the arena.
    for (const node of leaves(nodes)) {
      if (!(node instanceof Expr)) continue
      const view = arena.takeArray(node.kind, node.size)
      view.set(node.data as Data)
      node.data = view
    }
    const placeOf = (node: Expr): Expr => leafOf(node.kind, node.shape, arena.takeArray(node.kind, node.size))
    const gradNodes = map((node: Value): Value => (node instanceof Expr ? placeOf(node) : 0), nodes)
    const { targets, scalars }: Outcome = { targets: [], scalars: [] }
    const placed = mapState(state, (leaf) => {
      if (!(leaf instanceof Expr)) return leaf
      if (leaf.kind === Kind.Scalar) {
        scalars.push(leaf)
        return leaf
      }
      const place = placeOf(leaf)
      targets.push({ node: leaf, to: place.data as Data })
      return place
    })
    const written = { grads: viewsOfNodes(gradNodes) }
    const pool = isShared ? new ThreadPool(arena.memory, this.threads - 1, poolOptions) : null
    if (pool !== null) forgotten.register(this, pool, this)
    this.#total = arena.bytes + (pool?.bytes ?? 0)
    const base = arena.top
    const tape = new Tape()
    const engine = new ResidentEngine(arena, tape, kernelsOf(arena, isShared), pool?.run ?? runHere)
    const numbers = fixViews(written, false)
    const gradItem = numbers.length === 0 ? itemOf(gradNodes, gradNodes) : null
    const gradPlaces = leaves(gradNodes).flatMap((node) => (node instanceof Expr ? [node.data as Data] : []))
    this.#inside = {
      ...{ arena, base, tape, engine, pool, gradNodes, gradItem, gradPlaces, written, numbers },
      ...{ courses: numbers.length === 0 ? [] : null, params: nodes, state: placed }
    }
    try {
      engine.storeOnce(scalars, targets)
    } catch (error) {
      this.dispose()
      throw error
    }
    this.#inside.state = settleScalars(placed, scalars)
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
    const views = { params: viewsOfNodes(this.#whole('params').params) }
    fixViews(views, true)
    return views.params
  }

  get grads(): unknown {
    return this.#whole('grads').written.grads
  }

  step = (grads?: Tree, extra?: unknown): void => {
    const inside = this.#whole('step')
    const { engine, pool, tape } = inside
    pool?.check()
    const current = grads === undefined ? gradsAsWritten(inside) : takeGrads(inside, grads)
    engine.rewind()
    const { outcome, settled } = withTape(tape, () =>
      withEngine(engine, () => {
        const [updates, next] = this.#definition.update(current, inside.state, inside.params, extra)
        return endingAgain(inside, updates, next) ?? endingOf(inside, current, updates, next)
      })
    )
    engine.store(outcome.scalars, outcome.targets)
    ;[inside.params, inside.state] = settled()
  }

  snapshot = (): { readonly params: unknown; readonly state: unknown } => {
    const { params, state } = this.#whole('snapshot')
    return { params: concrete(params), state: concrete(state) }
  }

  dispose = (): void => {
    this.#scratchUsed = this.#usedOf(this.#inside)
    this.#inside?.pool?.dispose()
    forgotten.unregister(this)
    this.#inside = null
  }

  #usedOf(inside: Inside | null): number {
    return inside === null ? this.#scratchUsed : inside.arena.peak - inside.base
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

/** The params as nodes that nobody else has. */
const ownLeaves = (params: unknown): Tree<Value> => {
  const lifted = liftTree('transient', 'params', params)
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
    checkState(fresh, given)
    // The state of a transformation that is not ours is not known as such when it comes from somewhere else.
    const mark = ([own, other]: readonly unknown[]): void => {
      if (typeof own === 'object' && own !== null && isForeign(own)) markForeign(other)
    }
    walk('transient', ['a fresh state', 'state'], [fresh, given], mark, { isLeaf: isForeign })
  }
  return mapState(given ?? fresh, (leaf) => (isArray(leaf) && !isForeign(leaf) ? lift(leaf) : leaf))
}

/** How many bytes everything takes. */
const measure = (params: readonly Value[], state: unknown, scratchBytes: number | undefined): Contents => {
  const bytesOf = (leaf: unknown): number =>
    leaf instanceof Expr && leaf.kind !== Kind.Scalar ? footprint(leaf.kind, leaf.size) : 0
  const paramBytes = params.reduce<number>((sum, leaf) => sum + bytesOf(leaf), 0)
  let stateBytes = 0
  mapState(state, (leaf) => {
    stateBytes += bytesOf(leaf)
    return null
  })
  const wanted = 4 * paramBytes + TABLES_PER_PARAM * params.length
  const left = MOST_BYTES - SLACK - 2 * paramBytes - stateBytes
  const scratch = scratchBytes ?? Math.max(LEAST_SCRATCH, Math.min(wanted, left))
  return { params: paramBytes, grads: paramBytes, state: stateBytes, scratch }
}

/** The gradients that stand in the views. */
const gradsAsWritten = ({ gradNodes, numbers, written, params }: Inside): Tree<Value> => {
  if (numbers.length === 0) return gradNodes
  // Anything may have been assigned: then this says what and where.
  if (numbers.some(({ container, key }) => typeof container[key] !== 'number')) liftPair('step', written.grads, params)
  let at = 0
  const next = (): number => {
    const { container, key } = numbers[at++] as NumberPlace
    return container[key] as number
  }
  return map((node: Value): Value => (node instanceof Expr ? node : next()), gradNodes)
}

/** Copies gradients to their places, once all of them are known to fit. */
const takeGrads = (inside: Inside, grads: Tree): Tree<Value> => {
  const { arena, gradNodes, gradItem, gradPlaces, numbers, params } = inside
  const given: Data[] = []
  if (gradItem !== null && sourcesOf(gradItem, grads, given)) {
    // Gradients may be handed over as views of one another's places.
    for (let i = 0; i < given.length; i++) {
      const data = given[i] as Data
      if (data !== gradPlaces[i] && arena.holds(data)) given[i] = data.slice()
    }
    for (let i = 0; i < given.length; i++) if (given[i] !== gradPlaces[i]) gradPlaces[i]?.set(given[i] as Data)
    return gradNodes
  }
  const [lifted] = liftPair('step', grads, params)
  const sources = leaves(lifted).map((grad): number | Data => {
    if (typeof grad === 'number' || grad.kind === Kind.Scalar) return read(grad)
    if (grad.op !== Op.Leaf) evaluate([grad])
    const data = grad.data as Data
    return arena.holds(data) ? data.slice() : data
  })
  let at = 0
  leaves(gradNodes).forEach((node, i) => {
    const source = sources[i] as number | Data
    if (node instanceof Expr) (node.data as Data).set(source as Data)
    else {
      const { container, key } = numbers[at++] as NumberPlace
      container[key] = source
    }
  })
  return gradsAsWritten(inside)
}

/** How a step ends, when an earlier one gave the same nodes: as that one did, but for numbers. */
const endingAgain = ({ courses }: Inside, updates: Tree, next: unknown): Ending | null => {
  const at = courses?.findIndex((known) => isSame(known.updates, updates) && isSame(known.next, next)) ?? -1
  if (courses === null || at < 0) return null
  if (at > 0) courses.unshift(...courses.splice(at, 1))
  const { next: item, outcome, params, state } = courses[0] as Course
  return { outcome, settled: () => [params, renewed(item, next, state)] }
}

/** How a step ends that gave these updates and this state. */
const endingOf = (inside: Inside, grads: Tree<Value>, updates: Tree, next: unknown): Ending => {
  const outcome: Outcome = { targets: [], scalars: [] }
  const sums = addUpdates(inside.params, conform('step', updates, grads))
  const params = collect('params', inside.params, sums, outcome) as Tree<Value>
  const state = collect('state', inside.state, next, outcome)
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

const viewsOfNodes = (nodes: Tree<Value>): Tree<Leaf> =>
  map((node: Value): Leaf => {
    if (!(node instanceof Expr)) return node
    const data = node.data as Data
    return node.shape === null
      ? (data as Float32Array)
      : ({ dtype: node.dtype, shape: [...node.shape], data } as NdArray)
  }, nodes)
