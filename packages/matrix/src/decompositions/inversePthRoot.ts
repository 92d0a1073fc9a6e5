import { check, nonNegative, type Operand, positiveInteger, sum, type Value, withDefaults } from '@gradchain/core'
import { inversePthRootOf } from '../internal/inversePthRootOf.js'
import { computed, squaresOf } from '../internal/matrices.js'

/** Options of {@link inversePthRoot}. */
export interface InversePthRootOptions {
  /** How many steps are taken at the most, a whole number ≥ 1. @defaultValue `100` */
  readonly numIters?: number
  /** The ridge ε, relative to the largest eigenvalue, finite and ≥ 0. @defaultValue `1e-6` */
  readonly ridgeEpsilon?: number
  /** The error at which the iteration ends, finite and ≥ 0. @defaultValue `1e-6` */
  readonly errorTolerance?: number
}

/** What {@link inversePthRoot} gives. */
export interface InversePthRootResult {
  /** (A + ρ I)⁻¹ᐟᵖ, symmetric. */
  readonly root: Value
  /** max |M − I| at the end: how far the iteration was from where it leads to. A number, or one for each matrix of a stack. */
  readonly error: Value
}

/**
 * The inverse p-th root of a symmetric positive semidefinite matrix, or of each of a stack of them, by the coupled Newton iteration, in
 * float64.
 *
 * With a ridge ρ = ε max(λ, 10⁻¹⁶), where λ is the largest eigenvalue as {@link powerIteration} finds it in 100 steps, it finds
 * (A + ρ I)⁻¹ᐟᵖ: from M₀ = z (A + ρ I) and H₀ = z¹ᐟᵖ I with z = (1 + p) / (2 ‖A + ρ I‖),
 *
 *     T = (1 + 1/p) I − M / p        H ← H T        M ← Tᵖ M
 *
 * until max |M − I| is at most errorTolerance, and no longer than it falls: where it grows by more than a fifth in a step, the H before
 * that step is given. The error says how well it went.
 *
 * Shapes: A and the root are `[…, n, n]`, the error `[…]`. It is the symmetric part of A that counts. Of a singular matrix the root is that
 * of its ridge, 10⁶ / ‖A‖ to the power of 1/p at most; of zeros it is that of the smallest ridge, 10⁻²². Without a ridge a singular matrix
 * has no root, nor has one with a negative eigenvalue: the error stays above the tolerance. Where A has NaN or infinity the root and the
 * error are NaN.
 *
 * Laws: rootᵖ (A + ρ I) is the identity; scaling A by c scales the root by c⁻¹ᐟᵖ; a rotation of A rotates it alike; for p = 1 it is the
 * inverse.
 *
 * Optax takes Tᵖ for p = 1, 2, 4 and 8 and the nearest of these for any other p, where what it gives is no root; here any p is right. Its
 * iteration and its result are float32 unless 64-bit types are enabled.
 *
 * @example
 * const { root, error } = inversePthRoot(ndarray(new Float64Array([16, 0, 0, 1]), [2, 2]), 4, { ridgeEpsilon: 0 })
 * force(root) // => { dtype: 'float64', shape: [2, 2], data: Float64Array [0.4999…, 0, 0, 0.9999…] }
 * read(error) < 1e-6 // => true
 *
 * @throws InvalidTree for what is no square matrix; InvalidOption for a p that is no whole number ≥ 1, and for an option outside its
 * range.
 * @see Higham (2008), Functions of Matrices, equation 7.18; Anil et al. (2020), Scalable Second Order Optimization for Deep
 * Learning, {@link https://arxiv.org/abs/2002.09018}
 */
export const inversePthRoot = (x: Operand, p: number, options: InversePthRootOptions = {}): InversePthRootResult => {
  const chosen = withDefaults<Required<InversePthRootOptions>>('inversePthRoot', options, {
    numIters: 100,
    ridgeEpsilon: 1e-6,
    errorTolerance: 1e-6
  })
  const { numIters, ridgeEpsilon, errorTolerance } = chosen
  check('inversePthRoot', { p, numIters }, positiveInteger)
  check('inversePthRoot', { ridgeEpsilon, errorTolerance }, nonNegative)
  const matrices = squaresOf('inversePthRoot', 'x', x)
  const { rows: n, batch, dtype } = matrices
  const [root, error] = computed('inversePthRoot', [matrices], [[n, n], []], (a) => {
    const found = inversePthRootOf(a as Float64Array, n, p, dtype, chosen)
    return [found.root, Float64Array.of(found.error)]
  })
  return { root, error: batch.length === 0 ? sum(error) : error }
}
