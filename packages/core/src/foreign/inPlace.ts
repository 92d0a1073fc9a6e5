import { deferredArray, deferredVector } from '../array/deferred.js'
import { type Data, type DType, Kind, kindOf } from '../array/dtype.js'
import { isNdArray, sizeOf } from '../array/ndarray.js'
import { withOwnEngine } from '../engine/chosen.js'
import { evaluation, innerEvaluations } from '../engine/edge.js'
import type { Engine } from '../engine/engine.js'
import { defaultEngine } from '../engine/evaluate.js'
import { NeedsHost, placeOf } from '../engine/needsHost.js'
import { pendingOrder } from '../engine/order.js'
import { InvalidOption, InvalidState, LazyValue, show } from '../errors.js'
import { Expr, type Leaf, leafOf, settle, shapeOf } from '../expression/expr.js'
import { KeepingTape } from '../expression/keepingTape.js'
import { Op } from '../expression/op.js'
import { lift, sameShape, type Value } from '../expression/operations.js'
import { withTape } from '../expression/tape.js'
import { type Structure, structureOf } from '../grouping/layout.js'
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
  liftTree,
  mapState,
  markForeign,
  pairState
} from '../transformation/edge.js'
import { refuseThroughJson } from '../transformation/leaves.js'
import { liftGiven } from '../transformation/liftGiven.js'
import { checkState } from '../transformation/state.js'
import { type Taking, takingOf } from '../transformation/taken.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Definition, Tree } from '../transformation/types.js'
import { leaves, map, mapWithPath, walk } from '../tree/tree.js'
import { Recognition } from './recognition.js'

/** An array that is to lie on a device for good. */
export interface Resident {
  /** Which tree it belongs to. */
  readonly tree: 'params' | 'grads' | 'state'
  /** Where it stands there: `.dense.kernel`. */
  readonly path: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** What it holds at first, not copied; `null` for zeros. */
  readonly data: Data | null
}

/** Memory of a device, where arrays stay and numbers are computed. */
export interface DeviceMemory {
  /** Gives arrays their places, all of them in one call, and nodes that stand for what lies there. */
  readonly place: (arrays: readonly Resident[]) => readonly Expr[]
  /** A lazy number that lies there. */
  readonly number: () => Expr
  /** Whether a node stands for what lies in memory of the device: one that was given here, or an array that someone else has there. */
  readonly isPlaced: (node: Expr) => boolean
}

/** An array that is to hold, when a step is done, what a node comes to. */
export interface Assignment {
  readonly node: Expr
  /** A node that {@link DeviceMemory} gave. */
  readonly to: Expr
}

/** Elements that are to be where a node of {@link DeviceMemory} stands. */
export interface Upload {
  readonly to: Expr
  readonly data: Data
}

/** The gradients of a step. */
export interface Taken {
  readonly given: Tree<Value>
  /** The gradients with the params in place of those that are `null`; where there are none, it is they. */
  readonly form: Tree<Value>
  readonly touched: TouchedRows | null
  /** What is to be written before the step, and before anything is read back for it. */
  readonly uploads: readonly Upload[]
}

/** What a step comes to, of which nothing is done yet. */
export interface Planned {
  /** The same list as in an earlier step, where only numbers are others. */
  readonly assignments: readonly Assignment[]
  /** Goes on from there: all of it is done, or under way. */
  readonly commit: () => void
}

/** Values of nodes, in the order in which they were asked for. */
export type Answers = readonly (readonly (Data | number)[])[]

/** The params and the state at one time, as nodes of a device. */
export interface Held {
  /** The nodes whose values {@link toTrees} wants, in this order. */
  readonly nodes: readonly Expr[]
  /** Ordinary trees, out of elements that become theirs. */
  readonly toTrees: (values: readonly (Data | number)[]) => { readonly params: unknown; readonly state: unknown }
}

/** An optimizer whose params, gradients and state lie on a device: what {@link inPlace} gives. */
export interface InPlace {
  /** The params, the gradients and the state: nodes of the device, and numbers that the host knows. */
  readonly params: Tree<Value>
  readonly grads: Tree<Value>
  readonly state: unknown
  /** Whether a step needs values on the host, which have to be read back in its middle. */
  readonly readsBack: boolean
  /**
   * Takes gradients: arrays, numbers and nodes of the device; without any, those that stand in the places of the gradients, with these
   * numbers among them.
   */
  readonly take: (grads: Tree | undefined, numbers: readonly number[]) => Taken
  /**
   * Plans a step.
   *
   * @throws NeedsHost for values that are not among the answers: asked again with them, it goes on.
   */
  readonly plan: (taken: Taken, extra: unknown, answers?: Answers) => Planned
  /** Plans to go on from another state. */
  readonly planState: (state: unknown) => Planned & Pick<Taken, 'uploads'>
  readonly hold: () => Held
}

/** What {@link inPlace} goes by. */
export interface InPlaceOptions {
  /** The state to go on from. */
  readonly state: unknown
  /** Whether values may be read back in the middle of a step. */
  readonly allowReadback: boolean
}

/**
 * An optimizer on arrays that stay on a device: what a step computes is told as nodes, and where each is to go. Numbers that the host
 * knows stay on the host, in float64; those that come out of arrays lie on the device from then on. What an optimizer wants on the host
 * in the middle of a step is found out here, by going through two steps of which nothing is computed.
 *
 * @param owner - who refuses what cannot be.
 *
 * @example
 * import { type DeviceMemory, inPlace, isNode, nodeOf } from '@gradchain/core/engine'
 *
 * const there = new Set<unknown>()
 * const standIn = (like: { dtype: 'float32'; shape: readonly number[] }) => {
 *   const node = opaque(() => new Float32Array(0), [], like)
 *   there.add(node)
 *   return node
 * }
 * const memory: DeviceMemory = {
 *   place: (arrays) => arrays.map(({ shape }) => standIn({ dtype: 'float32', shape })),
 *   number: () => sum(standIn({ dtype: 'float32', shape: [1] })) as Expr,
 *   isPlaced: (node) => there.has(node)
 * }
 * const params = { w: new Float32Array([1, 2]) }
 * const run = inPlace('mine', scale(-0.5), params, memory, { state: undefined, allowReadback: false })
 * const { assignments } = run.plan(run.take({ w: new Float32Array([2, 2]) }, []), undefined)
 * assignments.map(({ node }) => nodeOf(node).name) // => ['add']
 *
 * @throws InvalidTree for params that are no tree of arrays; InvalidState for a state of another optimizer; InvalidOption where values
 * are wanted on the host and may not be read back, with the place in the optimizer.
 */
export const inPlace = (
  owner: string,
  optimizer: AnyGradientTransformation,
  params: unknown,
  memory: DeviceMemory,
  { state: given, allowReadback }: InPlaceOptions
): InPlace => {
  const definition = definitionOf(owner, optimizer) as Definition<unknown>
  const { nodes: hosted, state: start } = evaluation(() => startOf(owner, definition, params, given))
  const forms = formsOf(definition, hosted, start)
  const make = (readsBack: boolean, memory: DeviceMemory): Steps =>
    new Steps(definition, readsBack, forms, hosted, start, memory)
  const refusal = tried(owner, (memory) => make(false, memory))
  if (refusal !== null && !allowReadback) throw refusal
  const steps = make(refusal !== null, memory)
  if (refusal === null) steps.recognise()
  return steps
}

const isArray = (leaf: unknown): leaf is Exclude<Leaf, number> =>
  leaf instanceof Float32Array ||
  leaf instanceof Float64Array ||
  (typeof leaf === 'object' && leaf !== null && isNdArray(leaf))

const isArrayNode = (leaf: unknown): leaf is Expr => leaf instanceof Expr && leaf.kind !== Kind.Scalar

interface Start {
  readonly nodes: Tree<Value>
  readonly state: unknown
}

/** The params and the first state, on the host, each array evaluated or zeros. */
const startOf = (owner: string, definition: Definition<unknown>, params: unknown, given: unknown): Start => {
  const lifted = liftTree(owner, 'params', params)
  refuseThroughJson(owner, 'params', params)
  evaluateTrees(lifted)
  const nodes = map((leaf: Value): Value => (isNumber(leaf) ? leaf.value : leaf), lifted)
  const fresh = definition.init(nodes)
  if (given !== undefined) {
    checkState(fresh, given, nodes, owner)
    // The state of a transformation that is not ours is not known as such when it comes from somewhere else.
    const mark = ([own, other]: readonly unknown[]): void => {
      if (typeof own === 'object' && own !== null && isForeign(own)) markForeign(other)
    }
    walk(owner, ['a fresh state', 'state'], [fresh, given], mark, { isLeaf: isForeign })
  }
  const state = mapState(given ?? fresh, (leaf) => (isArray(leaf) && !isForeign(leaf) ? lift(leaf) : leaf))
  const pending: Expr[] = []
  mapState(state, (leaf) => {
    if (leaf instanceof Expr && leaf.op !== Op.Leaf && !isZero(leaf)) pending.push(leaf)
    return null
  })
  defaultEngine().evaluate(pending)
  return { nodes, state: mapState(state, (leaf) => (isNumber(leaf) ? leaf.value : leaf)) }
}

const isNumber = (leaf: unknown): leaf is Expr => leaf instanceof Expr && leaf.kind === Kind.Scalar

/** Whether a node is zeros, which need not be told. */
const isZero = ({ op, a }: Expr): boolean => op === Op.Fill && Object.is(a, 0)

/** All arrays of the params, the gradients and the state, in this order. */
const formsOf = (definition: Definition<unknown>, nodes: Tree<Value>, state: unknown): Resident[] => {
  const found: Resident[] = []
  const add = (tree: Resident['tree'], leaf: unknown, path: string, dtype?: DType, isEmpty = false): void => {
    if (!isArrayNode(leaf)) return
    const data = isEmpty || leaf.op !== Op.Leaf ? null : leaf.data
    found.push({ tree, path, dtype: dtype ?? leaf.dtype, shape: shapeOf(leaf), data })
  }
  mapWithPath((path: string, leaf: Value) => add('params', leaf, path), nodes)
  mapWithPath((path: string, leaf: Value) => add('grads', leaf, path, gradDType(definition, leaf), true), nodes)
  walk('inPlace', ['state'], [state], ([leaf], path) => add('state', leaf, path()), { isLeaf: isForeign })
  return found
}

/** In which dtype gradients lie beside a param. */
const gradDType = ({ gradients }: Definition<unknown>, leaf: Value): DType | undefined => {
  if (gradients !== 'params') return gradients
  return typeof leaf === 'number' || leaf.dtype === 'float64' ? undefined : 'float32'
}

/** The form of a node on a device as it came: bare, or with a shape. */
type Forms = ReadonlyMap<Expr, readonly number[] | null>

/** Goes through two steps with stand-ins; what cannot be done without reading back, as an error, or `null`. */
const tried = (owner: string, make: (memory: DeviceMemory) => Steps): InvalidOption | null => {
  const placed = new Set<Expr>()
  const standIn = ({ dtype, shape }: Pick<Resident, 'dtype' | 'shape'>): Expr => {
    const node = new Expr(Op.Opaque, kindOf(dtype), shape, sizeOf(shape), null, null, null)
    placed.add(node)
    return node
  }
  const steps = make({
    place: (arrays) => arrays.map(standIn),
    number: () => new Expr(Op.Sum, Kind.Scalar, null, 1, standIn({ dtype: 'float32', shape: [1] }), null, null),
    isPlaced: (node) => placed.has(node)
  })
  try {
    for (let i = 0; i < 2; i++) steps.plan(steps.take(undefined, steps.gradNumbers), undefined).commit()
    return null
  } catch (error) {
    // What an update needs beside gradients is not known yet: what is missing is told when a step is made.
    if (!(error instanceof NeedsHost || error instanceof LazyValue)) return null
    const what = error instanceof NeedsHost ? error.message : 'computes on the host with a number of the device'
    const part = placeOf(error) ?? steps.placeOfCall() ?? 'it'
    return new InvalidOption(
      `${owner}: optimizer must be computable on the device, and ${part} ${what}; allowReadback: true has it read back`
    )
  }
}

const CALLS = 'calls a function on arrays'

/** A step that was built leaf by leaf: what it is, and what the definition gave for it. */
interface Leafwise {
  readonly planned: Planned
  readonly sums: Tree<Value>
  readonly next: unknown
  /** The state after the step. */
  readonly after: unknown
}

/** Remembers whether anything on it is a function, of which one has to look whether it can be called. */
class Tape extends KeepingTape {
  hasCalls = false
  /** What is told of every function as it comes to be. */
  onCall: ((node: Expr) => void) | null = null

  override record(node: Expr): Expr {
    if (node.op === Op.Opaque) {
      this.hasCalls = true
      this.onCall?.(node)
    }
    return super.record(node)
  }
}

class Steps implements InPlace {
  readonly readsBack: boolean
  readonly grads: Tree<Value>
  readonly gradNumbers: readonly number[]
  params: Tree<Value>
  state: unknown
  readonly #definition: Definition<unknown>
  readonly #memory: DeviceMemory
  readonly #forms: Forms
  readonly #taking: Taking
  /** The structure of the gradients, to tell quickly whether some fit; `null` where they may be other than the params. */
  readonly #gradForms: Structure | null
  readonly #gradNodes: readonly Value[]
  #tape = new Tape()
  /** Where the numbers of the params and of the state lie that come out of arrays. */
  readonly #numbers: Readonly<Record<'params' | 'state', Map<number, Expr>>> = { params: new Map(), state: new Map() }
  #latest: readonly Assignment[] = []
  #answers: Answers = []
  #asked = 0
  /** What calls with effects gave in this step. */
  #given: unknown[] = []
  #called = 0
  /** What tells steps from one another; not known before the first one that may be recognised. */
  #recognition: Recognition<readonly Assignment[]> | 'later' | null = null

  constructor(
    definition: Definition<unknown>,
    readsBack: boolean,
    forms: readonly Resident[],
    nodes: Tree<Value>,
    state: unknown,
    memory: DeviceMemory
  ) {
    this.#definition = definition
    this.readsBack = readsBack
    this.#memory = memory
    this.#taking = takingOf(definition.gradients)
    const given = memory.place(forms)
    const known = new Map<Expr, readonly number[] | null>()
    let at = 0
    const next = (leaf: Expr): Expr => {
      const node = given[at++] as Expr
      known.set(node, leaf.shape)
      // Others know no vectors without a shape.
      if (leaf.shape === null) node.form = null
      return node
    }
    const swap = (leaf: Value): Value => (typeof leaf === 'number' ? leaf : next(leaf))
    this.params = map(swap, nodes)
    this.grads = map((leaf: Value): Value => (typeof leaf === 'number' ? 0 : next(leaf)), nodes)
    this.state = mapState(state, (leaf) => (isArrayNode(leaf) ? next(leaf) : leaf))
    this.#forms = known
    this.#gradNodes = leaves(this.grads)
    this.gradNumbers = this.#gradNodes.filter((leaf) => typeof leaf === 'number')
    const isAlike = definition.gradients === undefined && this.gradNumbers.length === 0
    this.#gradForms = isAlike ? structureOf(this.grads) : null
  }

  /** Has steps recognised that do what an earlier one did. */
  recognise(): void {
    this.#recognition = 'later'
  }

  take = (grads: Tree | undefined, numbers: readonly number[]): Taken => evaluation(() => this.#taken(grads, numbers))

  plan = (taken: Taken, extra: unknown, answers: Answers = []): Planned =>
    evaluation(() => this.#plan(taken, extra, answers))

  #plan(taken: Taken, extra: unknown, answers: Answers): Planned {
    const { given, form, touched } = taken
    const isWhole = form === given && (touched === null || this.#definition.takesRows !== true)
    if (this.#recognition === null || !isWhole) return this.#planLeaves(taken, extra, answers).planned
    const { state } = this
    const grads = given === this.grads ? this.#gradNodes : leaves(given)
    const isFirst = this.#recognition === 'later'
    if (this.#recognition !== 'later') {
      this.#recognition.look(state, extra)
      const found = this.#recognition.find(grads)
      if (found !== null) return this.#planned(found.assignments, this.params, found.state)
    }
    const evaluations = innerEvaluations()
    const { planned, sums, next, after } = this.#planLeaves(taken, extra, answers)
    // What makes evaluations of its own is not run twice, and what functions on arrays come to is not the same for all.
    const isAlone = innerEvaluations() === evaluations && !this.#tape.hasCalls
    if (isFirst) {
      const trees = { params: this.params, grads: this.grads, state }
      this.#recognition = isAlone ? Recognition.of(this.#definition, trees, this.#engine, this.#memory.isPlaced) : null
      this.#recognition?.look(state, extra)
    }
    const recognition = isAlone ? (this.#recognition as Recognition<readonly Assignment[]> | null) : null
    const outcome = { sums, next, state: after, assignments: planned.assignments }
    this.#recognition = recognition?.learn(grads, outcome) === true ? recognition : null
    return planned
  }

  /** What a step comes to when it is built leaf by leaf. */
  #planLeaves({ given, form, touched }: Taken, extra: unknown, answers: Answers): Leafwise {
    const { params: before, state } = this
    const { gradients, update, takesRows } = this.#definition
    const isPartial = form !== given
    if (this.#recognition instanceof Recognition) this.#recognition.stray()
    this.#answers = answers
    this.#asked = 0
    this.#called = 0
    if (answers.length === 0) this.#given = []
    this.#tape.rewind()
    const assignments: Assignment[] = []
    return withTape(this.#tape, () =>
      withOwnEngine(this.#engine, () => {
        const rows = takesRows === true ? touched : null
        const [updates, next] = withTouchedRows(rows, () =>
          withAbsences(isPartial, () => update(given, state, before, extra))
        )
        const moving = (isPartial ? leftOut(before, updates) : before) as Tree<Value>
        const like = gradients !== undefined ? moving : isPartial ? leftOut(form, updates) : given
        const sums = addUpdates(moving, conform('step', updates, like))
        const whole = isPartial ? filledIn(sums, before, (param) => param) : sums
        const params = this.#collect('params', before, whole, assignments)
        const after = this.#collect('state', state, next, assignments)
        this.#call(assignments.map(({ node }) => node))
        const known = isSame(this.#latest, assignments) ? this.#latest : assignments
        return { planned: this.#planned(known, params, after), sums, next, after }
      })
    )
  }

  #planned(assignments: readonly Assignment[], params: unknown, state: unknown): Planned {
    const commit = (): void => {
      this.#latest = assignments
      this.params = params as Tree<Value>
      this.state = state
    }
    return { assignments, commit }
  }

  /** Which part of the optimizer calls a function on arrays of the device. */
  placeOfCall = (): string | undefined => {
    this.#tape = new Tape()
    this.#tape.onCall = (node) => {
      if (this.#isDevice(node)) throw new NeedsHost(CALLS, [node])
    }
    try {
      this.plan(this.take(undefined, this.gradNumbers), undefined)
      return undefined
    } catch (error) {
      return placeOf(error as object)
    } finally {
      this.#tape = new Tape()
    }
  }

  planState = (state: unknown): Planned & Pick<Taken, 'uploads'> => {
    checkState(this.state, state, this.params, 'setState')
    const uploads: Upload[] = []
    const take = (old: unknown, next: unknown): unknown => {
      if (!isArrayNode(old)) return next
      const node = lift(next as Leaf) as Expr
      if (node.op !== Op.Leaf) defaultEngine().evaluate([node])
      uploads.push({ to: old, data: node.data as Data })
      return old
    }
    const next = pairState(this.state, state, take, () => {
      uploads.length = 0
    })
    const commit = (): void => {
      this.state = next
    }
    return { uploads, assignments: [], commit }
  }

  hold = (): Held => {
    const { params, state } = this
    const nodes: Expr[] = []
    const note = (leaf: unknown): unknown => {
      if (leaf instanceof Expr) nodes.push(leaf)
      return null
    }
    map(note, params as Tree)
    mapState(state, note, () => {
      nodes.length = leaves(params).filter((leaf) => leaf instanceof Expr).length
    })
    const toTrees: Held['toTrees'] = (values) => {
      const valueOf = new Map(nodes.map((node, i) => [node, values[i] as Data | number]))
      const filled = (leaf: unknown): unknown => {
        if (!(leaf instanceof Expr)) return leaf
        const value = valueOf.get(leaf) as Data | number
        if (typeof value === 'number') return value
        const node = leafOf(leaf.kind, this.#forms.get(leaf) ?? null, value)
        node.isFresh = true
        return node
      }
      const own = map(filled as (leaf: Value) => Value, params)
      return { params: inFormOf(own, own), state: concrete(mapState(state, filled)) }
    }
    return { nodes, toTrees }
  }

  /** The gradients of a step as nodes, and what is to be written for that. */
  #taken(grads: Tree | undefined, numbers: readonly number[]): Taken {
    let at = 0
    const data: Data[] = []
    const isAlike = this.#gradForms !== null && grads !== undefined && sourcesOf(this.#gradForms, grads, data)
    if (isAlike || (grads === undefined && this.gradNumbers.length === 0)) {
      const uploads = data.map((own, i): Upload => ({ to: this.#gradNodes[i] as Expr, data: own }))
      return { given: this.grads, form: this.grads, touched: null, uploads }
    }
    if (grads === undefined) {
      const given = map(
        (leaf: Value): Value => (typeof leaf === 'number' ? (numbers[at++] as number) : leaf),
        this.grads
      )
      return { given, form: given, touched: null, uploads: [] }
    }
    const { grads: lifted, form, touched } = liftGiven('step', grads, this.params, this.#taking)
    const uploads: Upload[] = []
    const places = leaves(filledIn(this.grads, lifted, (leaf) => leaf) as Tree<Value>)
    const isPartial = form !== lifted
    const own = isPartial ? leaves(leftOut(this.grads, lifted) as Tree<Value>) : places
    const given = map((leaf: Value): Value => {
      const place = own[at++] as Value
      if (typeof leaf === 'number') return leaf
      if (leaf.op !== Op.Leaf && this.#isDevice(leaf)) {
        if (place instanceof Expr && place.shape === null) leaf.form = null
        return leaf
      }
      if (leaf.op !== Op.Leaf) defaultEngine().evaluate([leaf])
      if (typeof place === 'number') return leaf.value
      uploads.push({ to: place, data: leaf.data as Data })
      return place
    }, lifted)
    return { given, form: isPartial ? form : given, touched, uploads }
  }

  #isDevice = (node: Expr): boolean => pendingOrder([node]).some(this.#memory.isPlaced)

  /** The next tree with the arrays where they were; what these are to hold is added to the assignments. */
  #collect(name: 'params' | 'state', before: unknown, after: unknown, assignments: Assignment[]): unknown {
    const start = assignments.length
    const numbers = this.#numbers[name]
    let at = 0
    const take = (old: unknown, next: unknown, path: () => string): unknown => {
      const index = at++
      if (isArrayNode(old)) {
        const node = isArray(next) ? lift(next) : next
        if (node === old) return old
        if (!isArrayNode(node) || node.kind !== old.kind || !sameShape(node, old)) {
          throw new InvalidState(
            `step: ${name}${path()} would change its shape or dtype, which arrays that stay cannot`
          )
        }
        assignments.push({ node, to: old })
        return old
      }
      if (isNumber(next)) {
        if (next === old) return old
        if (next.op === Op.Leaf) return next.value
        if (this.readsBack || !this.#isDevice(next)) {
          this.#engine.evaluate([next])
          return next.value
        }
        const to = numbers.get(index) ?? withTape(null, this.#memory.number)
        numbers.set(index, to)
        assignments.push({ node: next, to })
        return to
      }
      if ((isArrayNode(next) || isArray(next)) && !isForeign(next)) {
        throw new InvalidState(`step: ${name}${path()} was ${show(old)} and would become an array`)
      }
      return next
    }
    return pairState(before, after, take, () => {
      assignments.length = start
      at = 0
    })
  }

  /** What the inside of transformations asks during a step: what depends on no array of the device is computed here. */
  readonly #engine: Engine = {
    name: 'device',
    evaluate: (roots) => {
      this.#call(roots)
      const pending = roots.filter(({ op }) => op !== Op.Leaf)
      const wanted = pending.filter(this.#isDevice)
      if (wanted.length > 0) this.#ask(wanted, wanted.every(isNumber) ? 'reads a number' : 'reads an array')
      this.#onHost(pending)
    },
    once: <T>(call: () => T): T => {
      const place = this.#called++
      if (place === this.#given.length) this.#given.push(call())
      return this.#given[place] as T
    },
    standIn: (node) => {
      const form = this.#forms.get(node)
      if (form === undefined) return undefined
      const bring = (): Data => {
        if (node.op !== Op.Leaf) withOwnEngine(this.#engine, () => this.#engine.evaluate([node]))
        return node.data as Data
      }
      const isBare = form === null && (node.kind === Kind.F32 || node.kind === Kind.F64)
      const made = isBare
        ? deferredVector(node, node.dtype, node.size, bring)
        : deferredArray(node, node.dtype, shapeOf(node), bring)
      return made as Leaf
    }
  }

  #onHost(nodes: readonly Expr[]): void {
    const pending = nodes.filter(({ op }) => op !== Op.Leaf)
    // What is computed on the way may get its value, too.
    for (const node of pendingOrder(pending)) this.#tape.settled.keep(node)
    defaultEngine().evaluate(pending)
  }

  /** Gives nodes of the device their values, which were read for that. */
  #ask(nodes: readonly Expr[], what: string): void {
    const values = this.#answers[this.#asked]
    if (values === undefined) throw new NeedsHost(what, nodes)
    this.#asked += 1
    nodes.forEach((node, i) => {
      this.#tape.settled.keep(node)
      settle(node, values[i] as Data | number)
      node.isFresh = false
    })
  }

  /** Calls the functions on arrays that are below, all other nodes being for the device. */
  #call(roots: readonly Expr[]): void {
    if (!this.#tape.hasCalls) return
    const pending = pendingOrder(roots).filter((node) => node.op === Op.Opaque && !this.#memory.isPlaced(node))
    for (const node of pending) {
      const wanted = (node.more ?? []).filter((operand) => operand.op !== Op.Leaf && this.#isDevice(operand))
      if (wanted.length > 0) this.#ask(wanted, CALLS)
      this.#onHost([node])
    }
  }
}

const isSame = (some: readonly Assignment[], others: readonly Assignment[]): boolean =>
  some.length === others.length &&
  some.every(({ node, to }, i) => node === others[i]?.node && to === (others[i] as Assignment).to)
