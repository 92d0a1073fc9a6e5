import type { Expr, OpaqueFunction, Operand } from './expr.js'

/** The derivative of an opaque function: cotangents of its operands, out of that of its result. */
export type OpaqueVjp = (cotangent: Expr, operands: readonly Expr[], result: Expr) => readonly (Operand | null)[]

// Beside the function and not in the node: an engine has no use for it.
const vjps = new WeakMap<OpaqueFunction, OpaqueVjp>()

/** A function that does what `f` does, and has a derivative. */
export const withVjp = (f: OpaqueFunction, vjp: OpaqueVjp): OpaqueFunction => {
  const own: OpaqueFunction = (...operands) => f(...operands)
  vjps.set(own, vjp)
  return own
}

/** The derivative that a function was given. */
export const vjpOf = (f: OpaqueFunction): OpaqueVjp | undefined => vjps.get(f)
