import {
  broadcast,
  check,
  lessEqual,
  matmul,
  maxOf,
  min,
  mul,
  type Operand,
  positive,
  reshape,
  type Value,
  where
} from '@gradchain/core'
import { svd } from '../decompositions/svd.js'
import { matricesOf } from '../internal/matrices.js'

/**
 * The nearest matrix whose spectral norm, its largest singular value, is at most `limit`; of each of a stack of them.
 *
 *     U diag(min(s, limit)) Vᵀ        where A = U diag(s) Vᵀ
 *
 * Shapes: A is `[…, m, n]`, and so is the result. 16 bits come out as float32. NaN makes its whole matrix NaN.
 *
 * Laws: a matrix within the limit stays what it is, bit for bit; projected twice is projected once, up to rounding; no two matrices come
 * to be farther apart.
 *
 * @param limit - the largest singular value, finite and > 0.
 *
 * @example
 * const a = ndarray(new Float64Array([3, 0, 0, 0.5]), [2, 2])
 * force(projectSpectralNorm(a, 1)) // => { dtype: 'float64', shape: [2, 2], data: Float64Array [1, 0, 0, 0.5] }
 *
 * @throws InvalidTree for what is no matrix; InvalidOption for a limit that is not a finite number > 0.
 * @see Boyd and Vandenberghe (2004), Convex Optimization, section 8.1; Sedghi, Gupta and Long (2019), The Singular Values of
 * Convolutional Layers, {@link https://arxiv.org/abs/1805.10408}
 */
export const projectSpectralNorm = (x: Operand, limit: number): Value => {
  check('projectSpectralNorm', { limit }, positive)
  const { node, batch, rows, columns } = matricesOf('projectSpectralNorm', 'x', x)
  const side = Math.min(rows, columns)
  if (side === 0 || batch.includes(0)) return node
  const { u, s, vt } = svd(node)
  const whole = [...batch, rows, columns]
  const kept = broadcast(reshape(min(s, limit), [...batch, 1, side]), [...batch, rows, side])
  const largest = broadcast(reshape(maxOf(s, [batch.length]), [...batch, 1, 1]), whole)
  return where(lessEqual(largest, limit), node, matmul(mul(u, kept), vt))
}
