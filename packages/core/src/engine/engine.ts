import type { Expr, Leaf } from '../expression/expr.js'
import type { Tape } from '../expression/tape.js'

/** What turns expressions into arrays. */
export interface Engine {
  /** How it is called. */
  readonly name: string
  /** Gives every root its value; what lies below a root and is not itself a root may stay lazy. */
  readonly evaluate: (roots: readonly Expr[]) => void
  /** What stands for an array whose elements are to be brought here only when they are asked for; `undefined` where they may be at once. */
  readonly standIn?: (node: Expr) => Leaf | undefined
  /** Makes a call with effects once in a step, where a step may be gone through again; `undefined` where it is not. */
  readonly once?: <T>(call: () => T) => T
  /** A routine of this engine, where it has any. */
  readonly routine?: () => Routine
}

/** An engine that has to wait for its values, as they are computed on a device. Transformations cannot be run with it. */
export interface AsyncEngine {
  /** How it is called. */
  readonly name: string
  readonly isAsync: true
  /** Gives every root its value, in the end; what lies below a root and is not itself a root may stay lazy. */
  readonly evaluate: (roots: readonly Expr[]) => Promise<void>
}

/**
 * An engine for someone who evaluates nearly the same graphs over and over: what was done for a graph is done again for the
 * same graph on other arrays. Graphs are built with its tape running.
 */
export interface Routine extends Engine {
  readonly tape: Tape
  /** Whether graphs repeat, so that the routine is of use. */
  readonly isUseful: boolean
  /** Ends a round: everything that was built in it is lazy again, and no array is held. */
  readonly end: () => void
}
