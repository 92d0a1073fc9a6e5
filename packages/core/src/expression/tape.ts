import type { Kind } from '../array/dtype.js'
import { type Child, Expr } from './expr.js'
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

/**
 * Remembers the graph of earlier steps, for someone who builds nearly the same graph over and over on the same leaves.
 * While it runs, an operation on the same operands at the same place gives back the node of the earlier step, with its
 * numbers refreshed; where a step does something else than before, the tape branches. In the end the same nodes mean the
 * same graph, and whatever was planned for it still holds.
 */
export class Tape {
  #root = newStretch()
  #current = this.#root
  #at = 0
  #stretches = 1
  /** The nodes that got their values in this step. */
  readonly settled = new Originals()

  /** Goes back to the start, for the next step. */
  rewind(): void {
    this.settled.restore()
    if (this.#stretches > MOST_STRETCHES) {
      this.#root = newStretch()
      this.#stretches = 1
    }
    this.#current = this.#root
    this.#at = 0
  }

  /** The node that an earlier step made at this place of the same parts, with the numbers of this step. */
  recall(op: number, kind: Kind, shape: Shape, size: number, a: Part, b: Part, c: Part, more: Operands): Expr | null {
    const next = this.#current.nodes[this.#at]
    if (next !== undefined && matches(next, op, kind, shape, size, a, b, c, more)) {
      this.#at += 1
      return next
    }
    for (const stretch of this.#current.branches.get(this.#at) ?? []) {
      const first = stretch.nodes[0] as Expr
      if (!matches(first, op, kind, shape, size, a, b, c, more)) continue
      this.#current = stretch
      this.#at = 1
      return first
    }
    return null
  }

  /** Adds a node that no earlier step made at this place. */
  record(node: Expr): void {
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
    this.#at += 1
  }
}

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
  if (node.op !== op || node.kind !== kind || node.size !== size) return false
  if (node.a !== a && !(typeof a === 'number' && typeof node.a === 'number')) return false
  if (node.b !== b && !(typeof b === 'number' && typeof node.b === 'number')) return false
  if (node.c !== c && !(typeof c === 'number' && typeof node.c === 'number')) return false
  if (node.shape !== shape && !sameItems(node.shape, shape)) return false
  if (node.more !== more && !sameItems(node.more, more)) return false
  node.a = a
  node.b = b
  node.c = c
  return true
}

const sameItems = (a: readonly unknown[] | null, b: readonly unknown[] | null): boolean =>
  a !== null && b !== null && a.length === b.length && a.every((item, i) => item === b[i])

let running: Tape | null = null

/** Runs a function with a tape. */
export const withTape = <T>(tape: Tape, run: () => T): T => {
  const before = running
  running = tape
  try {
    return run()
  } finally {
    running = before
  }
}

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
  const known = running === null ? null : running.recall(op, kind, shape, size, a, b, c, more)
  if (known !== null) return known
  const node = new Expr(op, kind, shape, size, a, b, c)
  node.more = more
  if (running !== null) running.record(node)
  return node
}
