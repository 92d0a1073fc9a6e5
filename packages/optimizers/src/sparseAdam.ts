import { type GradientTransformation, lazyRows, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import type { ScaleByAdamOptions } from '@gradchain/transforms'
import { type AdamState, adam } from './adam.js'

/** Options of {@link sparseAdam}. */
export type SparseAdamOptions = Pick<ScaleByAdamOptions, 'b1' | 'b2' | 'eps'>

/** State of {@link sparseAdam}: that of Adam. */
export type SparseAdamState = AdamState

/**
 * Adam for embeddings, of which each batch uses few rows: rows without a gradient stay as they are, with their moments.
 *
 *     lazyRows(adam(learningRate, { b1, b2, eps, epsPlacement: 'hat' }))
 *
 * For the rows of the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = 0:
 *
 *     m[rows] ← β₁ m[rows] + (1 − β₁) g
 *     v[rows] ← β₂ v[rows] + (1 − β₂) g²
 *     u[rows] = −α(t − 1) √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m[rows] / (√v[rows] + eps)
 *
 * t counts steps, not those in which a row is used. Arrays with a dense gradient go the way of Adam, which PyTorch's refuses. Here as
 * there eps is added before the correction of v, where it weighs more in the first steps than that of {@link adam}.
 *
 * Laws: for dense gradients {@link adam} with `epsPlacement: 'hat'`; rows that the gradient does not name stay as they are, to the bit; a
 * learning rate that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = sparseAdam(0.5)
 * const params = { embedding: ndarray(new Float32Array(4), [2, 2]) }
 * const grads = { embedding: sparseRows([1], new Float32Array([3, -7]), [2, 2]) }
 * step(tx, grads, tx.init(params), params)[0].embedding.data // => Float32Array [0, 0, -0.49…, 0.49…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html}
 * @see lazyRows
 */
export const sparseAdam = (
  learningRate: ScalarOrSchedule,
  options: SparseAdamOptions = {}
): GradientTransformation<SparseAdamState> => {
  const chosen = withDefaults<Required<SparseAdamOptions>>('sparseAdam', options, { b1: 0.9, b2: 0.999, eps: 1e-8 })
  return withOrigin(
    ['sparseAdam', learningRate, { ...options }],
    lazyRows(adam(learningRate, { ...chosen, epsPlacement: 'hat' }))
  )
}
