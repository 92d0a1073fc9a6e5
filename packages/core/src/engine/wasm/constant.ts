import { allocate, type Data } from '../../array/dtype.js'
import { encode, roundTo } from '../../array/half.js'
import type { Expr } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import { numberOf } from '../scalar.js'

/** Whether a node is one known value everywhere, which takes no kernel. */
export const isConstant = ({ op, a }: Expr): boolean => op === Op.Fill && (typeof a === 'number' || a?.op === Op.Leaf)

/** The elements of such a node. */
export const filled = (node: Expr): Data => {
  const value = encode(node.kind, roundTo(node.kind, numberOf(node.a)))
  const data = allocate(node.kind, node.size)
  if (value !== 0 || Object.is(value, -0)) data.fill(value)
  return data
}
