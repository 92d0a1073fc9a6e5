import { cast, Expr, type Operand } from '@gradchain/core'

/**
 * An update in the dtype in which the gradient is computed with: an accumulator of float64 does not make float64 updates
 * of float32 gradients for what follows in a chain. The 16-bit dtypes are computed with in float32; the edge rounds to them.
 */
export const emitLike = (update: Operand, gradient: Operand): Operand =>
  gradient instanceof Expr && gradient.dtype !== 'float64' ? cast(update, 'float32') : update
