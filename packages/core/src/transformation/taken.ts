import { type DType, kindOf, widened } from '../array/dtype.js'
import type { Expr } from '../expression/expr.js'
import { castTo } from '../expression/operations/arrays.js'
import type { Value } from '../expression/operations.js'

/** An array as it is taken beside another of its shape; `null` where its dtype does not go with that of the other. */
export type Taking = (given: Expr, other: Expr) => Value | null

/** The same dtype and no other. */
export const takeAlike: Taking = (given, other) => (given.kind === other.kind ? given : null)

/** The same dtype, or that in which the other is computed with: an update of 16-bit params may be float32. */
export const takeWide: Taking = (given, other) =>
  given.kind === other.kind || given.kind === widened(other.kind) ? given : null

const takeForParams: Taking = (given, other) => castTo(widened(other.kind), given)

/** How a definition wants its gradients. */
export const takingOf = (gradients: DType | 'params' | undefined): Taking => {
  if (gradients === undefined) return takeAlike
  return gradients === 'params' ? takeForParams : (given) => castTo(kindOf(gradients), given)
}
