import type { Expr } from '../expression/expr.js'

/** What turns expressions into arrays. */
export interface Engine {
  /** How it is called. */
  readonly name: string
  /** Gives every root its value; what lies below a root and is not itself a root may stay lazy. */
  readonly evaluate: (roots: readonly Expr[]) => void
}
