import {
  broadcast,
  type EmptyState,
  type GradientTransformation,
  mean,
  type Operand,
  sub,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { leafShape } from '../internal/leafShape.js'

/**
 * Subtracts from each row of the updates its mean: gradient centralization.
 *
 * For each leaf g with at least two axes, a row being all that has the same index along the first one:
 *
 *     u = g − mean(g, along all axes but the first)
 *
 * Numbers and vectors pass through unchanged. In the layout of PyTorch, outputs first, a row is what one unit weighs its
 * inputs with, as in the paper.
 *
 * Laws: linear; the rows of u have the mean 0, up to rounding; idempotent, up to rounding; each leaf is treated as if it were
 * alone.
 *
 * @example
 * const zeros = { kernel: ndarray(new Float32Array(6), [2, 3]), bias: [0, 0] }
 * const grads = { kernel: ndarray(new Float32Array([1, 2, 3, 4, 5, 9]), [2, 3]), bias: [1, 2] }
 * centralize().update(grads, {}, zeros)[0]
 * // => { kernel: { dtype: 'float32', shape: [2, 3], data: Float32Array [-1, 0, 1, -2, -1, 3] }, bias: [1, 2] }
 *
 * @see Yong et al. (2020), Gradient Centralization: A New Optimization Technique for Deep Neural Networks, equation 1,
 * {@link https://arxiv.org/abs/2004.01461}
 */
export const centralize = (): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    origin: ['centralize'],
    init: () => ({}),
    update: (updates, state) => [tree.map(centralized, updates), state]
  })

const centralized = (g: Operand): Operand => {
  const shape = leafShape(g)
  if (shape === null || shape.length < 2) return g
  const others = shape.slice(1).map((_, axis) => axis + 1)
  return sub(g, broadcast(mean(g, others), shape))
}
