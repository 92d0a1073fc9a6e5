import { Expr, type Operand } from '@gradchain/core'

/** Whether something that a user handed over can be looked at as a number, an array or an expression. */
export const isOperand = (value: unknown): value is Operand =>
  typeof value === 'number' ||
  value instanceof Expr ||
  (typeof value === 'object' && value !== null && (ArrayBuffer.isView(value) || 'shape' in value))
