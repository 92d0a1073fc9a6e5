import { allocate, type Data, dtypeOf, Kind } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import { withOwnEngine } from '../engine/chosen.js'
import type { Engine } from '../engine/engine.js'
import { evaluate } from '../engine/evaluate.js'
import { pendingOrder } from '../engine/order.js'
import { Domain } from '../expression/domain.js'
import { type Child, Expr, type Leaf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import type { Value } from '../expression/operations.js'
import { makeLeaf, type Tape, withTape } from '../expression/tape.js'
import { concreteOf, handedOn, isForeign, isInner, own } from '../transformation/edge.js'
import type { Tree } from '../transformation/types.js'
import { groupedIn, standIn } from '../tree/grouping.js'
import { mapChildren } from '../tree/mapChildren.js'
import { watched } from '../watch.js'
import { Comparison } from './compare.js'
import {
  dataOf,
  type Group,
  isWorthwhile,
  type Layout,
  type LeafForm,
  layoutOf,
  type Structure,
  shapeIn,
  structureOf
} from './layout.js'
import { leavesAlike, treeOf } from './pattern.js'
import { taken } from './pooled.js'
import { type Anatomy, anatomyOf, classesOf, replaced } from './skeleton.js'

/** A tree like the params, lazy, and the next state. */
export type Computed = readonly [Tree<Value>, unknown]

/** One evaluation, from arrays to arrays. */
export interface Request {
  /** Trees of one structure and of the same shapes and dtypes. */
  readonly trees: readonly unknown[]
  readonly state: unknown
  /** What is evaluated, lazily, out of nodes for the trees. */
  readonly compute: (trees: readonly Tree<Value>[], state: unknown) => Computed
  /** The same leaf by leaf, for comparison. */
  readonly computeLeaves: () => Computed
  /** Has the evaluation of what was computed made; `held` are arrays that are looked at once more afterwards. */
  readonly evaluate?: ((computed: Computed, run: () => void, held: readonly (Data | null)[]) => void) | undefined
}

/** What evaluations go through: nodes are recorded on a tape, arrays computed by an engine of routine or by one that is not. */
export interface Course {
  readonly tape: Tape
  readonly routine: Engine
  readonly engine: Engine
}

/** What is known of evaluations on trees of one structure. */
interface Known {
  readonly structure: Structure
  readonly anatomy: Anatomy
  readonly layout: Layout
  /** For each tree, those of the state last, and each group, the array that it is packed in. */
  readonly buffers: (Data | null)[][]
}

/** How many structures are known. */
const MOST_KNOWN = 4
/** How often it is looked whether grouping changes anything, where steps take courses that are new. */
const MOST_TRIALS = 12
/** How often leaves are told apart by more before they are done one by one. */
const MOST_REFINEMENTS = 8
const MOST_FAILURES = 4

/**
 * Evaluations in which leaves are done in groups: small arrays that go through the same operations are packed side by side
 * into one, and what comes out is unpacked into arrays of their own.
 */
export class Packer {
  readonly #known: Known[] = []
  #trials = 0
  #failures = 0
  #isRefused = false

  /** Has all evaluations made leaf by leaf. */
  refuse(): void {
    this.#isRefused = true
    this.#known.length = 0
  }

  /** Makes an evaluation; `null` where leaves have to be done one by one. */
  run(request: Request, course: Course): readonly [unknown, unknown] | null {
    if (this.#isRefused) return null
    // Where its structure is known, the params are gone through to find it.
    const params: unknown[] = []
    let known = orNull(() => this.#find(request, params))
    for (let attempt = 0; attempt < MOST_REFINEMENTS; attempt++) {
      if (known === null || !isWorthwhile(known.layout)) return null
      const evaluation = new Evaluation(known, course.routine)
      if (orNull(() => evaluation.take(request, attempt === 0 ? params : [])) !== true) {
        // Its arrays may be of other dtypes than before, or its state another one.
        known = attempt === 0 ? orNull(() => this.#learn(request)) : null
        continue
      }
      const outcome = watched(() => withOwnEngine(evaluation.engine, () => evaluation.compute(request)))
      if (outcome.isDone) {
        if (course.tape.isNew && !this.#isConfirmed(evaluation, request, course, outcome.result)) break
        return evaluation.finish(outcome.result, request)
      }
      // It may go wrong leaf by leaf, too: then nothing is learned of grouping.
      if (outcome.error !== null && ++this.#failures < MOST_FAILURES) return null
      if (outcome.classes === null) break
      known = this.#refine(known, outcome.classes)
    }
    this.refuse()
    return null
  }

  #isConfirmed(evaluation: Evaluation, request: Request, course: Course, result: Computed): boolean {
    if (this.#trials >= MOST_TRIALS) return true
    this.#trials += 1
    return evaluation.isLike(
      result,
      withTape(null, () => withOwnEngine(course.engine, request.computeLeaves))
    )
  }

  #find(request: Request, params: unknown[]): Known | null {
    const at = this.#known.findIndex(({ structure }) => {
      params.length = 0
      return leavesAlike(structure.tree, request.trees[0], params)
    })
    if (at < 0) params.length = 0
    if (at > 0) this.#known.unshift(...this.#known.splice(at, 1))
    return at >= 0 ? (this.#known[0] as Known) : this.#learn(request)
  }

  #learn({ trees, state }: Request): Known | null {
    const structure = structureOf(trees[0])
    const anatomy = structure === null ? null : anatomyOf(structure, state)
    if (structure === null || anatomy === null) return null
    const classes = classesOf(structure.forms.length, anatomy.kinds)
    return this.#add({ structure, anatomy, layout: layoutOf(structure, classes), buffers: [] })
  }

  #refine({ structure, anatomy, layout }: Known, classes: readonly unknown[]): Known {
    const numbers = new Map<unknown, number>()
    for (const value of classes) if (!numbers.has(value)) numbers.set(value, numbers.size)
    const names = layout.classes.map((name, leaf) => `${name} ${numbers.get(classes[leaf])}`)
    this.#known.shift()
    return this.#add({ structure, anatomy, layout: layoutOf(structure, names), buffers: [] })
  }

  #add(known: Known): Known {
    this.#known.unshift(known)
    this.#known.length = Math.min(this.#known.length, MOST_KNOWN)
    return known
  }
}

/** What a look at trees gives; what goes wrong in it, such as a getter that throws, is told when leaves are done one by one. */
const orNull = <T>(look: () => T): T | null => {
  try {
    return look()
  } catch {
    return null
  }
}

/** A node for a group of given leaves. */
interface Input {
  readonly arrays: readonly (Data | null)[]
  readonly group: Group
}

/** One evaluation on trees of a known structure. */
class Evaluation {
  /** The engine that packs what it needs. */
  readonly engine: Engine
  readonly #known: Known
  readonly #inputs = new Map<Expr, Input>()
  /** The nodes whose arrays have not been packed yet. */
  readonly #unpacked = new Set<Expr>()
  readonly #trees: Tree<Value>[] = []
  /** The trees of the state by what stands for them. */
  readonly #originals = new Map<object, unknown>()
  #state: unknown = null

  constructor(known: Known, base: Engine) {
    this.#known = known
    this.engine = {
      name: base.name,
      evaluate: (roots) => {
        this.#pack(roots)
        base.evaluate(roots)
      }
    }
  }

  /** Takes the arrays of a request; `false` when it is of another kind. */
  take({ trees, state }: Request, params: unknown[]): boolean {
    const { structure, anatomy } = this.#known
    const kinds = structure.forms.map(({ kind }) => kind)
    for (let i = 0; i < trees.length; i++) {
      const leaves = i === 0 && params.length > 0 ? params : []
      if (leaves.length === 0 && !leavesAlike(structure.tree, trees[i], leaves)) return false
      const stand = this.#stand(trees[i], leaves, kinds, i)
      if (stand === null) return false
      this.#trees.push(stand as Tree<Value>)
    }
    let isAlike = true
    const made = replaced(anatomy.skeleton, state, (number, tree) => {
      const leaves: unknown[] = []
      const found = leavesAlike(structure.tree, tree, leaves, { mayMiss: true, isOwn: true })
      const of = anatomy.kinds[number] as readonly (Kind | null)[]
      const stand = found ? this.#stand(tree, leaves, of, trees.length + number) : null
      if (stand === null) isAlike = false
      else this.#originals.set(stand, tree)
      return stand
    })
    this.#state = made?.state
    return isAlike && made !== null
  }

  compute({ compute }: Request): Computed {
    return compute(this.#trees, this.#state)
  }

  /** Whether the same came of each leaf alone. */
  isLike([tree, state]: Computed, [single, singleState]: Computed): boolean {
    const sources = new Map([...this.#inputs].map(([node, { arrays }]) => [node, arrays]))
    const comparison = new Comparison(this.#known.layout, sources)
    return comparison.trees(tree, single) && comparison.trees(state, singleState)
  }

  /** Evaluates everything, and gives each leaf its own array. */
  finish(computed: Computed, { evaluate: evaluateIn }: Request): readonly [unknown, unknown] {
    const [tree, state] = computed
    const pending: Expr[] = []
    collect(tree, pending)
    collect(state, pending)
    const run = (): void => withOwnEngine(this.engine, () => evaluate(pending))
    if (evaluateIn !== undefined) {
      const packed = [...this.#inputs.values()].filter(({ group }) => group.form instanceof Domain)
      evaluateIn(
        computed,
        run,
        packed.flatMap(({ arrays }) => arrays)
      )
    } else if (pending.length > 0) run()
    return [this.#unpack(tree), this.#rebuild(state, new Set())]
  }

  #stand(tree: unknown, leaves: readonly unknown[], kinds: readonly (Kind | null)[], number: number): object | null {
    const { structure, layout, buffers } = this.#known
    const arrays: (Data | null)[] = []
    for (let i = 0; i < leaves.length; i++) {
      const kind = kinds[i] as Kind | null
      const leaf = leaves[i]
      if (kind === null || kind === Kind.Scalar) {
        if (kind === null ? leaf !== null : typeof leaf !== 'number') return null
        arrays.push(null)
      } else {
        const data = dataOf(leaf, kind, structure.forms[i] as LeafForm)
        if (data === null) return null
        arrays.push(data)
      }
    }
    buffers[number] ??= layout.groups.map(({ form, extent, members }) => {
      const kind = kinds[members[0] as number] as Kind | null
      return form instanceof Domain && kind !== null ? allocate(kind, extent) : null
    })
    const row = buffers[number] as (Data | null)[]
    const values = layout.groups.map((group, i) => {
      const first = group.members[0] as number
      const kind = kinds[first] as Kind | null
      if (kind === null || kind === Kind.Scalar) return leaves[first]
      const buffer = row[i] as Data | null
      const shape = buffer === null ? shapeIn(kind, structure.forms[first] as LeafForm) : group.form
      const node = makeLeaf(kind, shape, buffer ?? (arrays[first] as Data))
      this.#inputs.set(node, { arrays, group })
      if (buffer !== null) this.#unpacked.add(node)
      return node
    })
    return standIn(layout.grouping, values, () => tree)
  }

  /** Packs the arrays that are needed to compute nodes. */
  #pack(roots: readonly Expr[]): void {
    if (this.#unpacked.size === 0) return
    const need = (child: Child | null): void => {
      if (child instanceof Expr && this.#unpacked.delete(child)) this.#packInto(child)
    }
    for (const { a, b, c, more } of pendingOrder(roots)) {
      need(a)
      need(b)
      need(c)
      more?.forEach(need)
    }
  }

  #packInto(node: Expr): void {
    const { arrays, group } = this.#inputs.get(node) as Input
    const { starts } = this.#known.layout
    const buffer = node.data as Data
    const { members } = group
    for (let i = 0; i < members.length; i++) {
      const leaf = members[i] as number
      const data = arrays[leaf] as Data
      const at = starts[leaf] as number
      // A call costs as much as some elements do.
      if (data.length > FEW) buffer.set(data, at)
      else for (let j = 0; j < data.length; j++) buffer[at + j] = data[j] as number
    }
  }

  #unpack(stand: unknown): unknown {
    const { structure, layout } = this.#known
    const values = groupedIn(stand)?.values as readonly (Value | null)[]
    const results: unknown[] = new Array(structure.forms.length)
    layout.groups.forEach(({ members, form }, i) => {
      const value = values[i] as Value | null
      if (!(value instanceof Expr)) results[members[0] as number] = value
      if (value === null) for (const leaf of members) results[leaf] = null
      if (!(value instanceof Expr)) return
      if (value.kind === Kind.Scalar) results[members[0] as number] = value.value
      else if (this.#inputs.has(value)) this.#copy(value, members, results)
      else if (form instanceof Domain) this.#slice(value, members, results)
      else results[members[0] as number] = this.#formed(members[0] as number, value.kind, own(value))
    })
    return treeOf(structure.tree, (leaf) => results[leaf])
  }

  /** What was not computed but given. */
  #copy(node: Expr, members: Int32Array, results: unknown[]): void {
    const { arrays } = this.#inputs.get(node) as Input
    for (const leaf of members) results[leaf] = this.#formed(leaf, node.kind, (arrays[leaf] as Data).slice())
  }

  #slice(node: Expr, members: Int32Array, results: unknown[]): void {
    const { structure, layout } = this.#known
    const sizeOf = (leaf: number): number => (structure.forms[leaf] as LeafForm).size
    taken(node.data as Data, members, layout.starts, sizeOf, (leaf, data) => {
      results[leaf] = this.#formed(leaf, node.kind, data)
    })
  }

  #formed(leaf: number, kind: Kind, data: Data): Leaf {
    const shape = shapeIn(kind, this.#known.structure.forms[leaf] as LeafForm)
    return shape === null ? (data as Float32Array) : ({ dtype: dtypeOf(kind), shape: [...shape], data } as NdArray)
  }

  /** The next state in arrays. What was not touched is handed on as it was, once. */
  #rebuild(node: unknown, handed: Set<unknown>): unknown {
    if (groupedIn(node) !== undefined) {
      const original = this.#originals.get(node as object)
      if (original === undefined || handed.has(original)) return this.#unpack(node)
      handed.add(original)
      return original
    }
    if (node instanceof Expr) return concreteOf(node)
    if (isInner(node)) return mapChildren(node, (child) => this.#rebuild(child, handed))
    return typeof node !== 'object' || node === null || isForeign(node) ? node : handedOn(node, handed)
  }
}

/** Below this many elements a loop copies faster than a call. */
const FEW = 12

/** Collects what is pending in a tree with stand-ins. */
const collect = (node: unknown, into: Expr[]): void => {
  // Stand-ins first: they do not even say what they are no instance of.
  const grouped = groupedIn(node)
  if (grouped !== undefined) for (const value of grouped.values) collect(value, into)
  else if (node instanceof Expr) {
    if (node.op !== Op.Leaf) into.push(node)
  } else if (isInner(node)) for (const child of Object.values(node)) collect(child, into)
}
