import { Kind } from '../array/dtype.js'
import { compute } from '../expression/compute.js'
import type { Child, Expr, Folding } from '../expression/expr.js'
import { isElementwise, Op } from '../expression/op.js'

/** The number of a scalar operand whose value is known. */
export const numberOf = (child: Child | null): number =>
  child === null ? 0 : typeof child === 'number' ? child : child.value

/** Whether a node is arithmetic on scalars, done on the host. */
export const isArithmetic = (node: Expr): boolean =>
  node.kind === Kind.Scalar && (isElementwise(node.op) || node.op === Op.Fold)

/** The value of a scalar node that is computed on the host; its operands must be known. */
export const arithmeticOf = (node: Expr): number =>
  node.op === Op.Fold
    ? (node.detail as Folding).value()
    : compute(node.op, numberOf(node.a), numberOf(node.b), numberOf(node.c))
