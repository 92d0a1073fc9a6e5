import { Kind } from '../array/dtype.js'
import { compute } from '../expression/compute.js'
import { type Child, type Expr, settleScalar } from '../expression/expr.js'
import { isElementwise } from '../expression/op.js'

/** The number of a scalar operand whose value is known. */
export const numberOf = (child: Child | null): number => (child === null ? 0 : typeof child === 'number' ? child : child.value)

/** Whether a node is arithmetic on scalars, done on the host. */
export const isArithmetic = (node: Expr): boolean => node.kind === Kind.Scalar && isElementwise(node.op)

/** Computes a scalar node on the host; its operands must be known. */
export const settleArithmetic = (node: Expr): void =>
  settleScalar(node, compute(node.op, numberOf(node.a), numberOf(node.b), numberOf(node.c)))
