import { Kind } from '../array/dtype.js'
import { withOwnEngine } from '../engine/chosen.js'
import { innerEvaluations } from '../engine/edge.js'
import type { Engine } from '../engine/engine.js'
import { defaultEngine } from '../engine/evaluate.js'
import { pendingOrder } from '../engine/order.js'
import { Domain } from '../expression/domain.js'
import { type Child, Expr, type Folding } from '../expression/expr.js'
import { KeepingTape } from '../expression/keepingTape.js'
import { Op } from '../expression/op.js'
import type { Value } from '../expression/operations.js'
import { withTape } from '../expression/tape.js'
import { Comparison, type Sources } from '../grouping/compare.js'
import {
  isWorthwhile,
  type Layout,
  type LeafForm,
  layoutOf,
  refined,
  shapeIn,
  structureOf
} from '../grouping/layout.js'
import { leavesAlike, treeOf } from '../grouping/pattern.js'
import { type Anatomy, anatomyOf, classesOf, replaced } from '../grouping/skeleton.js'
import { isSameList, isSameOrNone } from '../lists.js'
import { addUpdates } from '../transformation/addUpdates.js'
import { conform, viewsOf } from '../transformation/edge.js'
import type { Definition, Tree } from '../transformation/types.js'
import { groupedIn, standIn } from '../tree/grouping.js'
import { asked, watched } from '../watch.js'

/** How many courses of steps are known again: those that steps take in turn. */
const MOST_COURSES = 8
/** How many courses are learned; whose steps have ever new ones is not worth it. */
const MOST_LEARNED = 24
/** How often leaves are told apart by more before steps are no longer recognised. */
const MOST_REFINEMENTS = 8

/** What a step comes to leaf by leaf. */
export interface Outcome<A> {
  /** The params, the arrays as nodes of what they are to hold. */
  readonly sums: Tree<Value>
  /** The next state as the definition gave it, and as it is after the step, its arrays where they were. */
  readonly next: unknown
  readonly state: unknown
  /** What is done in the step. */
  readonly assignments: A
}

/** What a definition made of stand-ins. */
interface Sketch {
  readonly sums: unknown
  readonly next: unknown
  /** The parts of the next state by the skeleton: trees like the params, and the rest. */
  readonly parts: readonly unknown[]
  /** The nodes of the next params and of the next state, and what else is in that, in order. */
  readonly made: readonly unknown[]
}

const OPERANDS = ['a', 'b', 'c'] as const

/** A node of a sketch, and the nodes leaf by leaf that are like it. */
interface Link {
  readonly from: Expr
  readonly op: number
  readonly to: readonly Expr[]
  /** Which operands are numbers, and what was handed on last. */
  readonly numbers: { readonly operand: (typeof OPERANDS)[number]; value: Child | null }[]
  /** What a fold puts together that are no nodes, which is not handed on. */
  readonly folded: readonly (Child | null)[] | null
}

/** A step that was made leaf by leaf, and what tells that another one is like it. */
interface Course<A> {
  readonly grads: readonly unknown[]
  readonly made: readonly unknown[]
  readonly links: readonly Link[]
  /** The parts of the state after the step. */
  readonly parts: readonly unknown[]
  readonly assignments: A
}

/** A step that does what an earlier one did. */
export interface Recognised<A> {
  readonly assignments: A
  readonly state: unknown
}

/** The trees that steps are made with. */
interface Trees {
  readonly params: Tree<Value>
  readonly grads: Tree<Value>
  readonly state: unknown
}

/**
 * Tells whether a step does what an earlier one did but for numbers, by what the definition makes of stand-ins, one for each group
 * of leaves that meet the same program. So a step of a thousand leaves costs the host what one of a few does: the graph is the one that
 * was built leaf by leaf, with the numbers of this step.
 *
 * Nobody promises anything: what asks more than a stand-in can answer is not recognised, and each new course is built leaf by leaf,
 * too, and compared node by node.
 */
export class Recognition<A> {
  readonly #definition: Definition<unknown>
  readonly #trees: Trees
  readonly #isPlaced: (node: Expr) => boolean
  readonly #engine: Engine
  readonly #anatomy: Anatomy
  #layout: Layout
  #stands: Stands
  #tape = new KeepingTape()
  #courses: readonly Course<A>[] = []
  #learned = 0
  /** The course whose numbers the graph has; `null` when it may have others. */
  #latest: Course<A> | null = null
  #sketch: Sketch | null = null

  /**
   * What recognises the steps of a definition; `null` where there is nothing to gain.
   *
   * @param base - has functions of the params look at them.
   */
  static of<A>(
    definition: Definition<unknown>,
    trees: Trees,
    base: Engine,
    isPlaced: (node: Expr) => boolean
  ): Recognition<A> | null {
    const structure = definition.gradients === undefined ? structureOf(trees.params) : null
    const anatomy = structure === null ? null : anatomyOf(structure, trees.state)
    if (structure === null || anatomy === null) return null
    // Numbers among the params are added up anew in every step.
    if (structure.forms.some(({ kind }) => kind === Kind.Scalar)) return null
    const layout = layoutOf(structure, classesOf(structure.forms.length, anatomy.kinds), undefined, Infinity)
    return isWorthwhile(layout) ? new Recognition<A>(definition, trees, base, isPlaced, layout, anatomy) : null
  }

  private constructor(
    definition: Definition<unknown>,
    trees: Trees,
    base: Engine,
    isPlaced: (node: Expr) => boolean,
    layout: Layout,
    anatomy: Anatomy
  ) {
    this.#definition = definition
    this.#trees = trees
    this.#isPlaced = isPlaced
    this.#layout = layout
    this.#anatomy = anatomy
    this.#stands = standsFor(layout, anatomy, trees)
    // Calls with effects are made where a step is built leaf by leaf.
    this.#engine = { ...base, evaluate: (roots) => this.#onHost(roots), once: () => asked() }
  }

  /** Looks at what the definition makes of stand-ins in the step that is next. */
  look(state: unknown, extra: unknown): void {
    this.#sketch = null
    for (let attempt = 0; attempt < MOST_REFINEMENTS && isWorthwhile(this.#layout); attempt++) {
      this.#tape.rewind()
      const compute = (): Sketch | null => this.#compute(state, extra)
      const done = watched(() => withTape(this.#tape, () => withOwnEngine(this.#engine, compute)))
      if (done.isDone) this.#sketch = done.result
      if (done.isDone || done.classes === null) return
      this.#layout = refined(this.#layout, done.classes)
      this.#stands = standsFor(this.#layout, this.#anatomy, this.#trees)
      this.#tape = new KeepingTape()
      this.#courses = []
    }
  }

  /** The step that was looked at, with these gradients, when it does what an earlier one did. */
  find(grads: readonly unknown[]): Recognised<A> | null {
    const sketch = this.#sketch
    if (sketch === null) return null
    const course = this.#courses.find((known) => isSameList(known.grads, grads) && isLike(known.made, sketch.made))
    if (course === undefined || !isRefreshed(course.links, course === this.#latest)) return null
    this.#latest = course
    return { assignments: course.assignments, state: this.#stateAfter(course, sketch) }
  }

  /** Is told of each step that is built leaf by leaf, which may leave other numbers in the graph. */
  stray(): void {
    this.#latest = null
  }

  /** Takes note of how the step went leaf by leaf that was looked at; `false` when no step can be recognised any more. */
  learn(grads: readonly unknown[], { sums, next, state, assignments }: Outcome<A>): boolean {
    const sketch = this.#sketch
    if (sketch === null || ++this.#learned > MOST_LEARNED) return false
    const likes = new Map<Expr, Expr[]>()
    const note = (from: Expr, to: Expr): void => {
      const known = likes.get(from)
      if (known === undefined) likes.set(from, [to])
      else known.push(to)
    }
    const comparison = new Comparison(this.#layout, this.#behind(grads), note)
    if (!comparison.trees(sketch.sums, sums) || !comparison.trees(sketch.next, next)) return false
    const parts: unknown[] = []
    if (!leavesAlike(this.#anatomy.skeleton, state, parts, { mayMiss: true })) return false
    const { made } = sketch
    const course = { grads, made, links: [...likes].map(linkOf), parts, assignments }
    const others = this.#courses.filter((known) => !(isSameList(known.grads, grads) && isLike(known.made, made)))
    this.#courses = [course, ...others.slice(0, MOST_COURSES - 1)]
    this.#latest = course
    return true
  }

  #compute(state: unknown, extra: unknown): Sketch | null {
    const { params, grads, likes } = this.#stands
    const { skeleton } = this.#anatomy
    const stood = replaced(skeleton, state, (number) => likes[number])
    if (stood === null) return null
    const before = innerEvaluations()
    const [updates, next] = this.#definition.update(grads as Tree, stood.state, params as Tree, extra)
    const sums = addUpdates(params as Tree<Value>, conform('step', updates, grads))
    const parts: unknown[] = []
    if (innerEvaluations() > before || !leavesAlike(skeleton, next, parts, { mayMiss: true })) return null
    const made = [sums, ...parts].flatMap((part) => groupedIn(part)?.values ?? [part])
    return { sums, next, made, parts }
  }

  /** The state after a step. */
  #stateAfter(course: Course<A>, { parts }: Sketch): unknown {
    let at = -1
    return treeOf(this.#anatomy.skeleton, () => {
      at += 1
      const known = course.parts[at]
      // Arrays stay where they are, and so do numbers that lie on the device.
      if (typeof known === 'object' && known !== null) return known
      const part = parts[at]
      return part instanceof Expr ? part.value : part
    })
  }

  /** What stands behind the stand-ins in a step with these gradients. */
  #behind(grads: readonly unknown[]): Sources {
    const { rows, sources } = this.#stands
    const { groups } = this.#layout
    const own = rows.grads.map((node, i): [Expr, Expr | readonly Expr[]] => {
      const [first] = groups[i]?.members ?? []
      return [
        node as Expr,
        node?.form instanceof Domain ? (grads as readonly Expr[]) : (grads[first as number] as Expr)
      ]
    })
    return new Map([...sources, ...own])
  }

  /** Whether a node is, or stands for, something on the device. */
  readonly #isThere = (node: Expr): boolean => this.#stands.nodes.has(node) || this.#isPlaced(node)

  /** Gives values to what depends on no array of the device. */
  #onHost(roots: readonly Expr[]): void {
    const order = pendingOrder(roots)
    if (order.some(this.#isThere)) asked()
    for (const node of order) this.#tape.settled.keep(node)
    defaultEngine().evaluate(roots.filter(({ op }) => op !== Op.Leaf))
  }
}

/** Stand-ins for the trees of a step, and the nodes that they have for their groups. */
interface Stands {
  readonly params: object
  readonly grads: object
  /** For the trees of the state that are like the params. */
  readonly likes: readonly object[]
  readonly rows: { readonly grads: readonly (Expr | null)[] }
  /** What stands behind the nodes, gradients aside. */
  readonly sources: Sources
  /** All nodes of groups. */
  readonly nodes: ReadonlySet<Expr>
}

const standsFor = (layout: Layout, { skeleton, kinds }: Anatomy, { params, state }: Trees): Stands => {
  const { groups, grouping, structure } = layout
  const sources = new Map<Expr, readonly (Expr | null)[]>()
  const nodes = new Set<Expr>()
  const rowOf = (own: readonly (Kind | null)[], leaves: readonly (Expr | null)[] | null): readonly (Expr | null)[] =>
    groups.map(({ form, extent, members }) => {
      const first = members[0] as number
      const kind = own[first] ?? null
      if (kind === null) return null
      const isMany = form instanceof Domain
      if (!isMany && leaves !== null) return leaves[first] as Expr
      const shape = isMany ? form : shapeIn(kind, structure.forms[first] as LeafForm)
      const node = new Expr(Op.Opaque, kind, shape, extent, null, null, null)
      nodes.add(node)
      if (leaves !== null) sources.set(node, leaves)
      return node
    })
  const leavesOf = (tree: unknown): (Expr | null)[] => {
    const found: unknown[] = []
    leavesAlike(structure.tree, tree, found, { mayMiss: true })
    return found as (Expr | null)[]
  }
  const ofParams = structure.forms.map(({ kind }) => kind)
  const grads = rowOf(ofParams, null)
  const likes: object[] = []
  replaced(skeleton, state, (number, tree) => {
    likes[number] = standIn(grouping, rowOf(kinds[number] ?? [], leavesOf(tree)))
    return null
  })
  return {
    params: standIn(grouping, rowOf(ofParams, leavesOf(params)), () => viewsOf(params)),
    grads: standIn(grouping, grads),
    ...{ likes, rows: { grads }, sources, nodes }
  }
}

/** What a fold puts together that are no nodes. */
const foldedIn = ({ op, detail }: Expr): readonly (Child | null)[] | null => {
  if (op !== Op.Fold) return null
  const { start, values } = detail as Folding
  return [start, ...values.map((value) => (value instanceof Expr ? null : value))]
}

const linkOf = ([from, to]: readonly [Expr, readonly Expr[]]): Link => ({
  ...{ from, to, op: from.op, folded: foldedIn(from) },
  numbers: OPERANDS.flatMap((operand) => (typeof from[operand] === 'number' ? [{ operand, value: from[operand] }] : []))
})

/** Whether the nodes of a graph are what they were; then they have the numbers of this step. */
const isRefreshed = (links: readonly Link[], isLatest: boolean): boolean => {
  for (const { from, op, to, folded } of links) {
    if (from.op !== op || (folded !== null && !isSameOrNone(foldedIn(from), folded))) return false
    // Numbers that got their values are made lazy again when leaves are done one by one.
    if (!isLatest && from.kind === Kind.Scalar && folded === null && to.some((node) => node.op !== op)) return false
  }
  for (const { from, op, to, numbers } of links) {
    if (op === Op.Leaf) for (const node of to) node.value = from.value
    for (const number of numbers) {
      const { operand } = number
      const value = from[operand]
      if (isLatest && Object.is(value, number.value)) continue
      number.value = value
      for (const node of to) node[operand] = value
    }
  }
  return true
}

/** Whether something made of stand-ins is what it was, but for numbers of the host. */
const isLike = (made: readonly unknown[], other: readonly unknown[]): boolean =>
  made.length === other.length &&
  made.every((part, i) => {
    const now = other[i]
    return typeof part === 'object' || typeof now === 'object' ? part === now : true
  })
