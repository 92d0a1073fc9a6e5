import { type Data, Kind } from '../array/dtype.js'
import { isNdArray, type NdArray } from '../array/ndarray.js'
import { evaluate, read, withEngine } from '../engine/evaluate.js'
import { Arena, type Contents, footprint, MOST_BYTES } from '../engine/resident/arena.js'
import { ResidentEngine } from '../engine/resident/engine.js'
import { kernelsOf } from '../engine/resident/kernels.js'
import { runHere } from '../engine/resident/launches.js'
import type { Target } from '../engine/resident/plan.js'
import { type PoolOptions, ThreadPool } from '../engine/threads/pool.js'
import { canShare } from '../engine/threads/spawn.js'
import { isWasmSupported } from '../engine/wasm/engine.js'
import { InvalidState, show } from '../errors.js'
import { Expr, type Leaf, leafOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { lift, sameShape, type Value } from '../expression/operations.js'
import { Tape, withTape } from '../expression/tape.js'
import { leaves, map, walk } from '../tree/tree.js'
import { addUpdates } from './addUpdates.js'
import { concrete, conform, evaluateTrees, isForeign, liftPair, liftTree, mapState, markForeign, pairState } from './edge.js'
import { fixViews, type NumberPlace } from './places.js'
import { checkState } from './state.js'
import type { Definition, Tree } from './types.js'

const LEAST_SCRATCH = 16 * 2 ** 20
/** Room for the tables of one param: some hundred bytes for each kernel that works on it. */
const TABLES_PER_PARAM = 4096
/** What rounding to whole pages may take. */
const SLACK = 2 ** 17

/** What a transient works on, until it is disposed. */
interface Inside {
  readonly arena: Arena
  readonly engine: ResidentEngine
  readonly pool: ThreadPool | null
  readonly gradNodes: Tree<Value>
  /** The views of the gradients, which users write to. */
  readonly written: { readonly grads: Tree<Leaf> }
  /** Where the number leaves of the gradients stand. */
  readonly numbers: readonly NumberPlace[]
  params: Tree<Value>
  state: unknown
}

/** What a step is to leave behind: a tree with its arrays where they were, what these are to hold, and lazy numbers. */
interface Outcome {
  readonly targets: Target[]
  readonly scalars: Expr[]
}

// Threads and their memory are given back also when nobody said that they are no longer needed.
const forgotten = new FinalizationRegistry<ThreadPool>((pool) => pool.dispose())

/** Params, gradients and state in an arena, and the steps that are made there: the inside of `transient`. */
export class Resident {
  readonly bytes: Contents
  readonly threads: number
  readonly #definition: Definition<unknown>
  readonly #tape = new Tape()
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
    this.bytes = measure(leaves(nodes), state, scratchBytes)
    const isShared = this.threads > 1
    const arena = new Arena(this.bytes, isShared)

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
    const engine = new ResidentEngine(arena, this.#tape, kernelsOf(arena, isShared), pool?.run ?? runHere)
    const numbers = fixViews(written, false)
    this.#inside = { arena, engine, pool, gradNodes, written, numbers, params: nodes, state: placed }
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
    const { engine, pool } = inside
    pool?.check()
    const current = grads === undefined ? gradsAsWritten(inside) : takeGrads(inside, grads)
    engine.rewind()
    const outcome: Outcome = { targets: [], scalars: [] }
    const [params, state] = withTape(this.#tape, () =>
      withEngine(engine, () => {
        const [updates, next] = this.#definition.update(current, inside.state, inside.params, extra)
        const sums = addUpdates(inside.params, conform('step', updates, current))
        return [collect('params', inside.params, sums, outcome), collect('state', inside.state, next, outcome)]
      })
    )
    engine.store(outcome.scalars, outcome.targets)
    inside.params = settleScalars(params, outcome.scalars) as Tree<Value>
    inside.state = settleScalars(state, outcome.scalars)
  }

  snapshot = (): { readonly params: unknown; readonly state: unknown } => {
    const { params, state } = this.#whole('snapshot')
    return { params: concrete(params), state: concrete(state) }
  }

  dispose = (): void => {
    this.#inside?.pool?.dispose()
    forgotten.unregister(this)
    this.#inside = null
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
  const { arena, gradNodes, numbers, params } = inside
  const [lifted] = liftPair('step', grads, params)
  const sources = leaves(lifted).map((grad): number | Data => {
    if (typeof grad === 'number' || grad.kind === Kind.Scalar) return read(grad)
    if (grad.op !== Op.Leaf) evaluate([grad])
    const data = grad.data as Data
    // Gradients may be handed over as views of one another's places.
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
    // biome-ignore lint/suspicious/noConsole: nothing else would tell that the threads asked for are not there.
    console.warn('transient: threads cannot share memory here (a page must be cross-origin isolated), so there is one')
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
