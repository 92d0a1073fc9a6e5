import type { Expr, Operand } from '../expression/expr.js'
import { reshape } from '../expression/operations.js'
import { matmul } from './matmul.js'
import { vectorOf } from './matrixOf.js'

/**
 * The outer product of two vectors, lazily: the matrix of all products.
 *
 *     cᵢⱼ = aᵢ bⱼ
 *
 * It is a {@link matmul} of a column and a row, so that a product of −0 is +0.
 *
 * Laws: outer(a, b)ᵀ = outer(b, a) bit for bit.
 *
 * @example
 * force(outer(new Float32Array([1, 2]), new Float32Array([3, 4])))
 * // => { dtype: 'float32', shape: [2, 2], data: Float32Array [3, 4, 6, 8] }
 *
 * @throws InvalidTree for an operand that is no vector.
 */
export const outer = (a: Operand, b: Operand): Expr => {
  const column = vectorOf('outer', 'a', a)
  const row = vectorOf('outer', 'b', b)
  return matmul(reshape(column, [column.size, 1]), reshape(row, [1, row.size]))
}
