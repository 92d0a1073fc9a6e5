import { type Data, Kind } from '../array/dtype.js'
import { isNdArray, type NdArray } from '../array/ndarray.js'
import { check, nonNegativeInteger, optional, positiveInteger, withDefaults } from '../check.js'
import { withEngine } from '../engine/evaluate.js'
import { Arena, footprint } from '../engine/resident/arena.js'
import { ResidentEngine } from '../engine/resident/engine.js'
import { runHere } from '../engine/resident/launches.js'
import type { Target } from '../engine/resident/plan.js'
import { ThreadPool } from '../engine/threads/pool.js'
import { canShare } from '../engine/threads/spawn.js'
import { InvalidState, show } from '../errors.js'
import { Expr, type Leaf, leafOf, type Operand } from '../expression/expr.js'
import { lift, sameShape, type Value } from '../expression/operations.js'
import { Tape, withTape } from '../expression/tape.js'
import { leaves, map } from '../tree/tree.js'
import { addUpdates } from './addUpdates.js'
import { concrete, conform, evaluateTrees, liftPair, liftTree, mapState, pairState } from './edge.js'
import { checkState } from './state.js'
import { definitionOf } from './transformation.js'
import type { AnyGradientTransformation, Definition, ExtraArguments, ExtraOf, Like, StateOf, Tree, Valid } from './types.js'

/** Options of {@link transient}. */
export interface TransientOptions<State> {
  /** The state to go on from. @defaultValue a fresh one */
  readonly state?: State | undefined
  /** How many threads share the work, this one included. @defaultValue `1` */
  readonly threads?: number | undefined
  /** Bytes for what a step stores in between. @defaultValue four times the params, at least 16 MiB */
  readonly scratchBytes?: number | undefined
}

/** Params, gradients and state in one memory, updated where they stand: what {@link transient} gives. */
export interface Transient<P, State, Extra> {
  /** The params as they are now: live views. Read or slice them; their memory is shared and must not be transferred. */
  readonly params: Like<P>
  /** The gradients of the next step: write them straight here. */
  readonly grads: Like<P>
  /** One step with the gradients given, or with what was written to `grads`. */
  readonly step: (grads?: Like<P>, ...extra: ExtraArguments<Extra>) => void
  /** Ordinary arrays: the params and the state as they are now. */
  readonly snapshot: () => { readonly params: Like<P>; readonly state: State }
  /** Gives back threads and memory; afterwards only the views that were taken live on. */
  readonly dispose: () => void
  /** How much memory is taken. */
  readonly bytes: TransientBytes
  /** How many threads there are: 1 where threads cannot share memory. */
  readonly threads: number
}

/** Where the memory of a {@link Transient} goes. */
export interface TransientBytes {
  /** The params. */
  readonly params: number
  /** The gradients. */
  readonly grads: number
  /** The arrays of the state. */
  readonly state: number
  /** Reserved for what a step stores in between; it costs memory only where it is used. */
  readonly scratch: number
}

const LEAST_SCRATCH = 16 * 2 ** 20

/**
 * The same steps as {@link step}, with the same bits, for arrays that stay: params, gradients and state live in one
 * WebAssembly memory and are updated in place, each array in one fused pass. Mutable inside, a value at both ends.
 *
 * A step is planned before it writes: what is refused leaves everything as it was. A user's own `{ init, update }` in the
 * chain is handed copies.
 *
 * @example
 * const run = transient(scale(-0.5), { w: new Float32Array([1, 2]) })
 * run.grads.w.set([2, 2])
 * run.step()
 * run.snapshot().params // => { w: Float32Array [0, 1] }
 *
 * @throws InvalidOption when all that does not fit one memory of 4 GiB; InvalidTree and InvalidState as {@link step} does,
 * and InvalidState for a state that would change its structure, before anything is written.
 */
export const transient = <T extends AnyGradientTransformation, P>(
  tx: T,
  params: P & Valid<P>,
  options: TransientOptions<StateOf<T>> = {}
): Transient<P, StateOf<T>, ExtraOf<T>> => {
  const { state: given, threads, scratchBytes } = withDefaults<Required<TransientOptions<StateOf<T>>>>(
    'transient',
    options,
    { state: undefined, threads: 1, scratchBytes: undefined }
  )
  check('transient', { threads }, positiveInteger)
  check('transient', { scratchBytes }, optional(nonNegativeInteger))
  const definition = definitionOf('transient', tx) as Definition<unknown>
  const lifted = liftTree('transient', 'params', params)
  const first = given === undefined ? freshState(definition, lifted) : given
  if (given !== undefined) checkState(definition.init(lifted), given)
  return new Resident(definition, lifted, first, threads as number, scratchBytes) as unknown as Transient<P, StateOf<T>, ExtraOf<T>>
}

const freshState = (definition: Definition<unknown>, params: Tree): unknown => {
  const state = definition.init(params)
  evaluateTrees(state)
  return concrete(state)
}

const arraysOf = (tree: Tree<Value>): Expr[] => leaves(tree).filter((leaf): leaf is Expr => leaf instanceof Expr)

const isArray = (leaf: unknown): leaf is Exclude<Leaf, number> =>
  leaf instanceof Float32Array || leaf instanceof Float64Array || (typeof leaf === 'object' && leaf !== null && isNdArray(leaf))

class Resident {
  readonly bytes: TransientBytes
  readonly threads: number
  readonly #definition: Definition<unknown>
  readonly #arena: Arena
  readonly #tape = new Tape()
  readonly #engine: ResidentEngine
  readonly #pool: ThreadPool | null
  #params: Tree<Value>
  readonly #gradNodes: Tree<Value>
  readonly #gradViews: Tree<Leaf>
  readonly #hasNumbers: boolean
  #state: unknown
  #isDisposed = false

  constructor(
    definition: Definition<unknown>,
    params: Tree<Value>,
    state: unknown,
    threads: number,
    scratchBytes: number | undefined
  ) {
    this.#definition = definition
    const stateArrays: Expr[] = []
    const liftedState = mapState(state, (leaf) => {
      if (!isArray(leaf)) return leaf
      const node = lift(leaf) as Expr
      stateArrays.push(node)
      return node
    })
    const total = (nodes: readonly Expr[]): number => nodes.reduce((sum, { kind, size }) => sum + footprint(kind, size), 0)
    const paramBytes = total(arraysOf(params))
    const scratch = scratchBytes ?? Math.max(LEAST_SCRATCH, 4 * paramBytes)
    this.bytes = { params: paramBytes, grads: paramBytes, state: total(stateArrays), scratch }
    this.threads = threads > 1 && !canShare() ? withoutThreads() : threads
    const isShared = this.threads > 1
    this.#arena = new Arena(2 * paramBytes + this.bytes.state + scratch, isShared)
    const reside = (node: Value): Value => {
      if (!(node instanceof Expr)) return node
      const view = this.#arena.takeArray(node.kind, node.size)
      view.set(node.data as Data)
      return leafOf(node.kind, node.shape, view)
    }
    this.#params = map(reside, params)
    this.#gradNodes = map((node: Value): Value => {
      if (!(node instanceof Expr)) return 0
      return leafOf(node.kind, node.shape, this.#arena.takeArray(node.kind, node.size))
    }, params)
    this.#state = mapState(liftedState, (leaf) => (leaf instanceof Expr ? reside(leaf) : leaf))
    this.#gradViews = viewsOfLeaves(this.#gradNodes)
    this.#hasNumbers = leaves(params).some((leaf) => typeof leaf === 'number')
    this.#pool = isShared ? new ThreadPool(this.#arena.memory, this.threads - 1) : null
    this.#engine = new ResidentEngine(this.#arena, this.#tape, isShared, this.#pool?.run ?? runHere)
  }

  get params(): unknown {
    return viewsOfLeaves(this.#params)
  }

  get grads(): unknown {
    return this.#gradViews
  }

  step = (grads?: Tree, extra?: unknown): void => {
    if (this.#isDisposed) throw new InvalidState('step: this transient was disposed')
    const numbers = grads === undefined ? this.#gradViews : this.#takeGrads(grads)
    const current = this.#hasNumbers
      ? map((node: Value, leaf: Operand) => (typeof leaf === 'number' ? leaf : node), this.#gradNodes, numbers as Tree)
      : this.#gradNodes
    this.#engine.rewind()
    const lazy = withTape(this.#tape, () =>
      withEngine(this.#engine, () => {
        const [updates, state] = this.#definition.update(current, this.#state, this.#params, extra)
        return { params: addUpdates(this.#params, conform('step', updates, current)), state }
      })
    )
    const [params, paramTargets, paramScalars] = collect(this.#params, lazy.params)
    const [state, stateTargets, stateScalars] = collect(this.#state, lazy.state)
    const scalars = [...paramScalars, ...stateScalars]
    this.#engine.store(scalars, [...paramTargets, ...stateTargets])
    const known = scalars.length === 0 ? (tree: unknown) => tree : settleScalars
    this.#params = known(params) as Tree<Value>
    this.#state = known(state)
  }

  snapshot = (): { readonly params: unknown; readonly state: unknown } => ({
    params: concrete(this.#params),
    state: concrete(this.#state)
  })

  dispose = (): void => {
    this.#isDisposed = true
    this.#pool?.dispose()
  }

  /** Copies gradients to their place, when all of them fit. */
  #takeGrads(grads: Tree): Tree {
    const [lifted] = liftPair('step', grads, this.#params)
    map((place: Value, grad: Value) => {
      if (place instanceof Expr && grad instanceof Expr) (place.data as Data).set(grad.data as Data)
      return 0
    }, this.#gradNodes, lifted)
    return lifted
  }
}

/** The next tree with the resident arrays where they were, what these are to hold, and the scalars still to be computed. */
const collect = (before: unknown, after: unknown): [tree: unknown, targets: Target[], scalars: Expr[]] => {
  let targets: Target[] = []
  let scalars: Expr[] = []
  const take = (old: unknown, next: unknown, path: () => string): unknown => {
    if (!(old instanceof Expr)) {
      if (next instanceof Expr && next.kind === Kind.Scalar) scalars.push(next)
      else if (next instanceof Expr || isArray(next)) {
        throw new InvalidState(`step: state${path()} was ${show(old)} and would become an array`)
      }
      return next
    }
    const node = isArray(next) ? lift(next) : next
    if (node === old) return old
    if (!(node instanceof Expr) || node.kind !== old.kind || !sameShape(node, old)) {
      throw new InvalidState(`step: state${path()} would change its shape or dtype, which arrays that stay cannot`)
    }
    targets.push({ node, to: old.data as Data })
    return old
  }
  const tree = pairState(before, after, take, () => {
    targets = []
    scalars = []
  })
  return [tree, targets, scalars]
}

const withoutThreads = (): number => {
  // biome-ignore lint/suspicious/noConsole: nothing else would tell that the threads asked for are not there.
  console.warn('transient: threads cannot share memory here (a page must be cross-origin isolated), so there is one')
  return 1
}

const settleScalars = (tree: unknown): unknown =>
  mapState(tree, (leaf) => (leaf instanceof Expr && leaf.kind === Kind.Scalar ? leaf.value : leaf))

const viewsOfLeaves = (nodes: Tree<Value>): Tree<Leaf> =>
  map((node: Value): Leaf => {
    if (!(node instanceof Expr)) return node
    const data = node.data as Data
    return node.shape === null ? (data as Float32Array) : ({ dtype: node.dtype, shape: [...node.shape], data } as NdArray)
  }, nodes)
