import { promote } from '../array/dtype.js'
import { sizeOf } from '../array/ndarray.js'
import { boolean, check, withDefaults } from '../check.js'
import { productMethod } from '../engine/product/method.js'
import { InvalidTree, show } from '../errors.js'
import { type Expr, type Operand, shapeOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { castTo } from '../expression/operations/arrays.js'
import { make } from '../expression/tape.js'
import { matrixOf } from './matrixOf.js'

/** Options of {@link matmul}. */
export interface MatmulOptions {
  /** Whether the first operand stands for its transpose: it is k × m. @defaultValue `false` */
  readonly transposeA?: boolean
  /** Whether the second operand stands for its transpose: it is n × k. @defaultValue `false` */
  readonly transposeB?: boolean
  /**
   * Whether the product is known to be symmetric, as that of two powers of a symmetric matrix is. Then only the elements on the
   * diagonal and below are computed, which is half the work, and those above are copies of them. @defaultValue `false`
   */
  readonly symmetric?: boolean
}

/**
 * The product of two matrices, or of two batches of them, lazily.
 *
 * For a of m × k and b of k × n, or of their transposes where that is asked for, with any further axes in front, which must be
 * the same; one matrix meets every matrix of a batch:
 *
 *     cᵢⱼ = Σₗ aᵢₗ bₗⱼ
 *
 * The result is float32, or float64 when an operand is. Every product and every sum is rounded to that dtype; the order is
 * one and the same on all engines and with any number of threads: l = 0, 1, … from 0 on, in panels of 256, then panel after
 * panel. There is no fused multiply-add. A matrix by its own transpose, `matmul(x, x, { transposeB: true })`, is known to be
 * symmetric and costs half.
 *
 * Laws: (a b)ᵀ = bᵀ aᵀ bit for bit; a product with the identity is the other operand; linear in each operand, up to rounding.
 *
 * @example
 * const a = ndarray([1, 2, 3, 4, 5, 6], [2, 3])
 * force(matmul(a, ndarray([1, 0, -1], [3, 1]))) // => { dtype: 'float32', shape: [2, 1], data: Float32Array [-2, -2] }
 * force(matmul(a, a, { transposeB: true })) // => { dtype: 'float32', shape: [2, 2], data: Float32Array [14, 32, 32, 77] }
 * matmul(a, a) // => throws InvalidTree: matmul: shapes [2, 3] and [2, 3] do not fit, …
 *
 * @throws InvalidTree for operands that are no matrices or do not fit, InvalidOption for an option that is no boolean.
 * @see transpose
 */
export const matmul = (a: Operand, b: Operand, options: MatmulOptions = {}): Expr => {
  const chosen = withDefaults('matmul', options, { transposeA: false, transposeB: false, symmetric: false })
  check('matmul', chosen, boolean)
  const { transposeA, transposeB, symmetric } = chosen
  const [x, y] = [matrixOf('matmul', 'a', a), matrixOf('matmul', 'b', b)]
  const [p, q] = [shapeOf(x), shapeOf(y)]
  const [m, inner] = lastTwo(p, transposeA)
  const [k, n] = lastTwo(q, transposeB)
  const [batchA, batchB] = [p.slice(0, -2), q.slice(0, -2)]
  const isOneA = batchA.length === 0
  const isOneB = batchB.length === 0
  const shapes = `shapes ${show(p)}${transposeA ? ' transposed' : ''} and ${show(q)}${transposeB ? ' transposed' : ''}`
  if (inner !== k) throw new InvalidTree(`matmul: ${shapes} do not fit, ${inner} columns meet ${k} rows`)
  if (
    !isOneA &&
    !isOneB &&
    (batchA.length !== batchB.length || batchA.some((length, axis) => length !== batchB[axis]))
  ) {
    throw new InvalidTree(`matmul: ${shapes} do not fit, the axes in front of a matrix must be the same, or none`)
  }
  if (symmetric && m !== n) throw new InvalidTree(`matmul: ${shapes} give ${m} × ${n}, and what is symmetric is square`)
  const front = isOneA ? batchB : batchA
  const shape = [...front, m, n]
  const size = sizeOf(shape)
  const kind = promote(x.kind, y.kind)
  if (size === 0 || k === 0) return make(Op.Fill, kind, shape, size, 0, null, null)
  const node = make(Op.Matmul, kind, shape, size, null, null, null, [castTo(kind, x) as Expr, castTo(kind, y) as Expr])
  const batch = sizeOf(front)
  node.detail = { batch, m, n, k, isOneA, isOneB, transposeA, transposeB, symmetric, method: productMethod }
  return node
}

const lastTwo = (shape: readonly number[], isTransposed: boolean): readonly [number, number] => {
  const [rows, columns] = shape.slice(-2) as [number, number]
  return isTransposed ? [columns, rows] : [rows, columns]
}
