import { Kind } from '../array/dtype.js'
import { withOwnEngine } from '../engine/chosen.js'
import { currentEngine } from '../engine/evaluate.js'
import { pendingOrder } from '../engine/order.js'
import { type Child, type Detail, Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import type { Value } from '../expression/operations.js'
import { make, makeLeaf } from '../expression/tape.js'

/** How a node came about. */
export interface Origin {
  readonly op: number
  readonly a: Child | null
  readonly b: Child | null
  readonly c: Child | null
  readonly more: readonly Expr[] | null
  readonly detail: Detail
}

/**
 * What nodes were before they got their elements, while a function is being differentiated: one that is evaluated in
 * between, as by `read`, lets go of its operands, and the way to the params would be lost. `null` is said of a node that
 * counts as constant.
 */
export type Recording = Map<Expr, Origin | null>

let running: Recording | null = null

/** Whether a function is being differentiated. */
export const isRecording = (): boolean => running !== null

/** Runs what builds and differentiates a graph; one inside of another shares its recording. */
export const record = <T>(run: (recording: Recording) => T): T => {
  if (running !== null) return run(running)
  const recording: Recording = new Map()
  const { name, evaluate } = currentEngine()
  const engine = {
    name,
    evaluate: (roots: readonly Expr[]): void => {
      for (const node of pendingOrder(roots)) if (!recording.has(node)) recording.set(node, noteOf(node))
      evaluate(roots)
    }
  }
  running = recording
  try {
    return withOwnEngine(engine, () => run(recording))
  } finally {
    running = null
  }
}

const noteOf = ({ op, a, b, c, more, detail }: Expr): Origin => ({ op, a, b, c, more, detail })

/** How a node came about; `null` for one that was there from the start. */
export const originOf = (node: Expr, recording: Recording): Origin | null => {
  const origin = recording.get(node)
  if (origin !== undefined) return origin
  return node.op === Op.Leaf ? null : node
}

/**
 * A node that is another one or a number, and yet itself: what a function is differentiated by. Whatever else is computed
 * from that other node, inside the function too, is no part of what depends on this one.
 */
export const standIn = (x: Value, recording: Recording): Expr => {
  const node = standInFor(x, recording)
  standIns.add(node)
  return node
}

const standIns = new WeakSet<Expr>()

/** Whether a node stands for another one, or for a number, in a function that is being differentiated, and must not be made anew. */
export const isStandIn = (node: Expr): boolean => standIns.has(node)

const standInFor = (x: Value, recording: Recording): Expr => {
  if (x instanceof Expr && x.op === Op.Leaf && x.data !== null) {
    // Over the same elements, rather than a copy of them.
    const leaf = makeLeaf(x.kind, x.shape, x.data)
    recording.set(leaf, { op: Op.Cast, a: x, b: null, c: null, more: null, detail: null })
    return leaf
  }
  return typeof x === 'number'
    ? make(Op.Cast, Kind.Scalar, null, 1, x, null, null)
    : make(Op.Cast, x.kind, x.shape, x.size, x, null, null)
}

/** A node with the value of another, which counts as constant. */
export const constantOf = (x: Expr): Expr => {
  if (running === null) return x
  const node = standIn(x, running)
  running.set(node, null)
  return node
}
