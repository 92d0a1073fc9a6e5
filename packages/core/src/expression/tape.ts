import { type Data, Kind } from '../array/dtype.js'
import { isSameOrNone } from '../lists.js'
import { isAnyPacked, packings } from '../packing/packing.js'
import { asked, isWatched } from '../watch.js'
import { type Child, Expr, type FoldedParts, leafOf } from './expr.js'
import { foldOf, isFoldLike } from './fold.js'
import { Op } from './op.js'
import { Originals } from './originals.js'

type Part = Child | null
type Shape = readonly number[] | null
type Operands = readonly Expr[] | null

/** The nodes of a stretch of steps, in the order in which they were made, and what other steps did instead. */
interface Stretch {
  readonly nodes: Expr[]
  readonly branches: Map<number, Stretch[]>
}

const newStretch = (): Stretch => ({ nodes: [], branches: new Map() })

/** Beyond this many stretches a tape starts afresh: such steps have no pattern. */
const MOST_STRETCHES = 64

/** A tape also starts afresh when it holds more nodes than this and than so many times the longest step. */
const MANY_NODES = 2 ** 18
const MOST_STEPS = 8

/**
 * Remembers the graph of earlier steps, for someone who builds nearly the same graph over and over on the same leaves.
 * While it runs, an operation on the same operands at the same place gives back the node of the earlier step, with its
 * numbers refreshed; where a step does something else than before, the tape branches. In the end the same nodes mean the
 * same graph, and whatever was planned for it still holds.
 *
 * An array that is lifted at a place has its leaf there; what becomes of it where the array is another one in another step,
 * there are two ways for.
 */
export abstract class Tape {
  #root = newStretch()
  #current = this.#root
  #at = 0
  #stretches = 1
  #nodes = 0
  #nodesOfStep = 0
  #longest = 0
  #isNew = false
  /** The nodes that got their values in this step. */
  readonly settled = new Originals()

  /** How many nodes are remembered. */
  get size(): number {
    return this.#nodes
  }

  /** How many nodes the longest step had, of those that have ended. */
  get longest(): number {
    return this.#longest
  }

  /** Whether this step has nodes that no step before had. */
  get isNew(): boolean {
    return this.#isNew
  }

  /** Goes back to the start, for the next step. */
  rewind(): void {
    this.#isNew = false
    this.settled.restore()
    this.#longest = Math.max(this.#longest, this.#nodesOfStep)
    this.#nodesOfStep = 0
    if (this.#stretches > MOST_STRETCHES || this.#nodes > Math.max(MANY_NODES, MOST_STEPS * this.#longest)) {
      this.#root = newStretch()
      this.#stretches = 1
      this.#nodes = 0
    }
    this.#current = this.#root
    this.#at = 0
  }

  /** The node that an earlier step made at this place of the same parts, with the numbers of this step. */
  recall(op: number, kind: Kind, shape: Shape, size: number, a: Part, b: Part, c: Part, more: Operands): Expr | null {
    const next = this.#current.nodes[this.#at]
    if (next !== undefined && matches(next, op, kind, shape, size, a, b, c, more)) return this.#forward(next)
    const branches = this.#current.branches.get(this.#at)
    if (branches === undefined) return null
    for (const stretch of branches) {
      const first = stretch.nodes[0] as Expr
      if (matches(first, op, kind, shape, size, a, b, c, more)) return this.#turn(stretch)
    }
    return null
  }

  /** Adds a node that no earlier step made at this place. */
  record(node: Expr): Expr {
    if (this.#at < this.#current.nodes.length) {
      const stretch = newStretch()
      const branches = this.#current.branches.get(this.#at) ?? []
      branches.push(stretch)
      this.#current.branches.set(this.#at, branches)
      this.#current = stretch
      this.#at = 0
      this.#stretches += 1
    }
    this.#current.nodes.push(node)
    this.#nodes += 1
    this.#isNew = true
    return this.#forward(node)
  }

  /** The leaf over an array. */
  abstract leaf(kind: Kind, shape: Shape, data: Data): Expr

  /** The node that an earlier step made at this place, of those that are sought. */
  protected find(isSought: (node: Expr) => boolean): Expr | null {
    const next = this.#current.nodes[this.#at]
    if (next !== undefined && isSought(next)) return this.#forward(next)
    const branch = this.#current.branches.get(this.#at)?.find(({ nodes }) => isSought(nodes[0] as Expr))
    return branch === undefined ? null : this.#turn(branch)
  }

  /** Whether no earlier step made anything at this place. */
  protected get isAtEnd(): boolean {
    return this.#at === this.#current.nodes.length
  }

  #forward(node: Expr): Expr {
    this.#at += 1
    this.#nodesOfStep += 1
    return node
  }

  #turn(stretch: Stretch): Expr {
    this.#current = stretch
    this.#at = 0
    return this.#forward(stretch.nodes[0] as Expr)
  }
}

/** Whether a node is a leaf over such an array. */
export const isLeaf = (node: Expr, kind: Kind, shape: Shape, size: number): boolean =>
  node.op === Op.Leaf && node.kind === kind && node.extent === size && isSameOrNone(node.form, shape)

const matches = (
  node: Expr,
  op: number,
  kind: Kind,
  shape: Shape,
  size: number,
  a: Part,
  b: Part,
  c: Part,
  more: Operands
): boolean => {
  if (node.op !== op || node.kind !== kind || node.extent !== size) return false
  if (!isSamePart(node.a, a) || !isSamePart(node.b, b) || !isSamePart(node.c, c)) return false
  if (!isSameOrNone(node.form, shape)) return false
  if (!isSameOrNone(node.more, more)) return false
  // Only now: a node that does not match belongs to another step, and keeps its numbers. Those that are the same are not
  // written again, as a new number in an old node is work for the garbage collector.
  if (typeof a === 'number' && !Object.is(node.a, a)) node.a = a
  if (typeof b === 'number' && !Object.is(node.b, b)) node.b = b
  if (typeof c === 'number' && !Object.is(node.c, c)) node.c = c
  return true
}

/** Whether two operands are the same node, or numbers, which may differ. */
const isSamePart = (x: Part, y: Part): boolean => x === y || (typeof x === 'number' && typeof y === 'number')

let running: Tape | null = null

/** Runs a function with a tape, or, inside of that, with none. */
export const withTape = <T>(tape: Tape | null, run: () => T): T => {
  const before = running
  running = tape
  try {
    return run()
  } finally {
    running = before
  }
}

/** Whether an operand is a number of each of many arrays, which operations know nothing of. */
const isOfEach = (x: Part): boolean => x instanceof Expr && x.kind === Kind.Scalar && x.form !== null

/** A node of the given parts: the one of an earlier step, where a tape is running that knows it. */
export const make = (
  op: number,
  kind: Kind,
  shape: Shape,
  size: number,
  a: Part,
  b: Part,
  c: Part,
  more: Operands = null
): Expr => {
  if (isWatched() && (isOfEach(a) || isOfEach(b) || isOfEach(c))) asked()
  if (isAnyPacked()) packings().refuseWords(a, b, c)
  return makeNode(op, kind, shape, size, a, b, c, more)
}

const makeNode = (
  op: number,
  kind: Kind,
  shape: Shape,
  size: number,
  a: Part,
  b: Part,
  c: Part,
  more: Operands
): Expr => {
  const known = running === null ? null : running.recall(op, kind, shape, size, a, b, c, more)
  if (known !== null) return known
  const node = new Expr(op, kind, shape, size, a, b, c)
  node.more = more
  return running === null ? node : running.record(node)
}

/** A number out of one of each of many arrays, or that at once when all of them are known. */
export const makeFold = (parts: FoldedParts): Expr | number => {
  const operands = parts.values.filter((value) => value instanceof Expr)
  if (operands.length === 0) return foldOf(parts)
  const node = makeNode(Op.Fold, Kind.Scalar, null, 1, null, null, null, operands)
  node.detail = {
    ...parts,
    value: () => foldOf(parts),
    isLike: (chain, isTerm) => isFoldLike(parts, chain, isTerm)
  }
  return node
}

/** A leaf over an array: the one of an earlier step, where a tape is running that knows it. */
export const makeLeaf = (kind: Kind, shape: Shape, data: Data): Expr =>
  running === null ? leafOf(kind, shape, data) : running.leaf(kind, shape, data)
