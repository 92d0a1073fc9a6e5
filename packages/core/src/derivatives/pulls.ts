import type { Expr, OpaqueFunction } from '../expression/expr.js'
import type { Cotangent } from '../expression/operations/cotangent.js'

/** The derivative of an opaque function of ours, as cotangents: `null` where none is wanted, or nothing depends on the operand. */
export type OpaquePull = (
  cotangent: Cotangent,
  operands: readonly Expr[],
  isWanted: (operand: Expr) => boolean
) => readonly (Cotangent | null)[]

const pulls = new WeakMap<OpaqueFunction, OpaquePull>()

/** Gives a function a derivative. */
export const withPull = (f: OpaqueFunction, pull: OpaquePull): OpaqueFunction => {
  pulls.set(f, pull)
  return f
}

/** The derivative that a function was given. */
export const pullOf = (f: OpaqueFunction): OpaquePull | undefined => pulls.get(f)
