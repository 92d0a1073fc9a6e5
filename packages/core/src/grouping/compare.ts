import { type Data, Kind } from '../array/dtype.js'
import { isNdArray } from '../array/ndarray.js'
import { newPass } from '../engine/order.js'
import { type Child, Expr, type Folding, isGroup } from '../expression/expr.js'
import { isReduction, Op } from '../expression/op.js'
import { groupedIn } from '../tree/grouping.js'
import { isContainer } from '../tree/walk.js'
import { isHalf, type Layout } from './layout.js'
import { leavesAlike } from './pattern.js'

/**
 * What stands behind the node of a group, for each leaf of the tree: arrays, or nodes of those that lie elsewhere; behind a node that
 * stands for one array alone, the node of that.
 */
export type Sources = ReadonlyMap<Expr, readonly (Data | Expr | null)[] | Expr>

/** Told of each node that is like one of a group. */
export type Liked = (group: Expr, single: Expr) => void

type Pair = readonly [group: Child | null, leaf: Child | null]

/**
 * Whether what was done to groups is what was done to each leaf: the same operations on the same operands with the same
 * numbers, so that grouping cannot be seen. It tells of definitions that count their calls, or draw at each of them.
 */
export class Comparison {
  readonly #layout: Layout
  readonly #sources: Sources
  readonly #liked: Liked
  readonly #pass = newPass()
  // Nodes are noted by number in the leaf's node that was found to be the like of them.
  readonly #numbers = new Map<Expr, number>()
  readonly #scalars = new Map<Expr, Set<Expr>>()

  constructor(layout: Layout, sources: Sources, liked: Liked = nothing) {
    this.#layout = layout
    this.#sources = sources
    this.#liked = liked
  }

  /** Whether two trees are alike, one with stand-ins, the other with what they stand for. */
  trees(grouped: unknown, single: unknown): boolean {
    const inside = groupedIn(grouped)
    if (inside !== undefined) {
      const { grouping, structure } = this.#layout
      const leaves: unknown[] = []
      if (inside.grouping !== grouping || !leavesAlike(structure.tree, single, leaves, { mayMiss: true })) return false
      return leaves.every((leaf, i) => this.#leaf(inside.values[grouping.order[i] as number], leaf, i))
    }
    if (!isContainer(grouped)) return this.#leaf(grouped, single, NO_LEAF)
    if (!isContainer(single) || Array.isArray(single) !== Array.isArray(grouped)) return false
    const keys = Object.keys(grouped)
    const others = Object.keys(single)
    return (
      keys.length === others.length && keys.every((key) => this.trees((grouped as Tree)[key], (single as Tree)[key]))
    )
  }

  #leaf(grouped: unknown, single: unknown, leaf: number): boolean {
    if (grouped instanceof Expr) {
      if (single instanceof Expr) return this.#isOfForm(single, leaf) && this.#nodes(grouped, single, leaf)
      // What was not touched is an array as it was.
      return grouped.op === Op.Leaf && dataIn(single) === this.#arrayOf(grouped, leaf)
    }
    return Object.is(grouped, single)
  }

  /** Whether what becomes of a leaf has the form that it is given: a bare vector where the param is one. */
  #isOfForm({ kind, shape }: Expr, leaf: number): boolean {
    const param = this.#layout.structure.forms[leaf]
    if (param === undefined || kind === Kind.Scalar || isHalf(kind)) return true
    return (shape === null) === (param.shape === null)
  }

  #arrayOf(node: Expr, leaf: number): Data | null {
    const behind = this.#behind(node, leaf)
    return behind === undefined || behind === null || behind instanceof Expr ? node.data : behind
  }

  #behind(node: Expr, leaf: number): Data | Expr | null | undefined {
    const found = this.#sources.get(node)
    return found === undefined || found instanceof Expr ? found : found[leaf]
  }

  #nodes(grouped: Child, single: Child, leaf: number): boolean {
    const pending: Pair[] = [[grouped, single]]
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
      const [g, l] = pair
      if (!(g instanceof Expr)) {
        if (!Object.is(g, l)) return false
      } else if (!(l instanceof Expr) || g.kind !== l.kind) return false
      else if (g.kind === Kind.Scalar) {
        if (!this.#scalar(g, l)) return false
      } else if (!this.#array(g, l, leaf, pending)) return false
    }
    return true
  }

  #array(g: Expr, l: Expr, leaf: number, pending: Pair[]): boolean {
    const behind = this.#behind(g, leaf)
    if (behind instanceof Expr) return behind === l
    // What stands for one array may be that.
    if (g === l) return true
    const number = this.#numberOf(g)
    if (l.mark === this.#pass) return l.register === number
    l.mark = this.#pass
    l.register = number
    if (g.op !== l.op) return false
    if (g.op === Op.Leaf) {
      const data = this.#arrayOf(g, leaf)
      return data === l.data || (this.#sources.get(g) === undefined && this.#hasElements(g, l, leaf))
    }
    if (g.more !== null || l.more !== null || g.detail !== l.detail) return false
    this.#liked(g, l)
    pending.push([g.a, l.a], [g.b, l.b], [g.c, l.c])
    return true
  }

  /** Whether what was computed of a leaf is the part of what was computed of its group. */
  #hasElements(g: Expr, l: Expr, leaf: number): boolean {
    const [whole, part] = [g.data, l.data]
    if (whole === null || part === null || leaf === NO_LEAF) return false
    const start = isGroup(g) ? (this.#layout.starts[leaf] as number) : 0
    for (let i = 0; i < part.length; i++) if (!Object.is(whole[start + i], part[i])) return false
    return true
  }

  #numberOf(node: Expr): number {
    const known = this.#numbers.get(node)
    if (known !== undefined) return known
    this.#numbers.set(node, this.#numbers.size)
    return this.#numbers.size - 1
  }

  #scalar(g: Expr, l: Expr): boolean {
    const known = this.#scalars.get(g)
    if (known?.has(l)) return true
    if (known === undefined) this.#scalars.set(g, new Set([l]))
    else known.add(l)
    // What is no number of the host may be one that lies on a device.
    if (g === l) return true
    this.#liked(g, l)
    if (g.op === Op.Leaf || l.op === Op.Leaf) return g.op === l.op && Object.is(g.value, l.value)
    if (g.op === Op.Fold) return (g.detail as Folding).isLike(l, (part, single, leaf) => this.#term(part, single, leaf))
    if (g.op !== l.op || isGroup(g)) return false
    // Of a single array, the operands are its own; a leaf's number is not needed where no group is.
    return this.#pairs([g.a, l.a], NO_LEAF) && this.#pairs([g.b, l.b], NO_LEAF) && this.#pairs([g.c, l.c], NO_LEAF)
  }

  #pairs([g, l]: Pair, leaf: number): boolean {
    if (g instanceof Expr && l instanceof Expr) return this.#nodes(g, l, leaf)
    return Object.is(g, l)
  }

  #term(g: Child, l: Child, leaf: number): boolean {
    if (!(g instanceof Expr) || !(l instanceof Expr)) return Object.is(g, l)
    if (!isReduction(g.op) || !isReduction(l.op)) return this.#scalar(g, l)
    return g.op === l.op && this.#pairs([g.a, l.a], leaf) && this.#pairs([g.b, l.b], leaf)
  }
}

const nothing: Liked = () => {}

type Tree = Readonly<Record<string, unknown>>

const NO_LEAF = -1

const dataIn = (leaf: unknown): unknown =>
  typeof leaf === 'object' && leaf !== null && isNdArray(leaf) ? leaf.data : leaf
