import { InvalidTree, matmul, mul, type Operand, reshape, shapeOf, show, sum, type Value } from '@gradchain/core'

/**
 * How far a function is from being smooth over a graph, to be added to a loss: what makes neighbours alike, those without a label among
 * them. It is known as manifold regularization.
 *
 *     Σᵢⱼ Lᵢⱼ ⟨fᵢ, fⱼ⟩ = ½ Σᵢⱼ Wᵢⱼ ‖fᵢ − fⱼ‖²        for L = D − W, with the weights W of the edges and their sums D on the diagonal
 *
 * Shapes: f is `[n, d]`, or `[n]` for numbers, L is `[n, n]`; a lazy scalar comes out. Its gradient by f is (L + Lᵀ) f.
 *
 * Laws: where L is a Laplacian it is ≥ 0, and 0 where connected examples have the same; quadratic in f, linear in L.
 *
 * @param outputs - what the model says of n examples, f.
 * @param laplacian - the Laplacian L of their graph.
 *
 * @example
 * // Three examples in a row.
 * const laplacian = ndarray([1, -1, 0, -1, 2, -1, 0, -1, 1], [3, 3])
 * read(laplacianPenalty(new Float32Array([1, 1, 3]), laplacian)) // => 4
 *
 * @throws InvalidTree for outputs that are no vector or matrix, and for a Laplacian that does not fit them.
 * @see Belkin, Niyogi and Sindhwani (2006), Manifold Regularization: A Geometric Framework for Learning from Labeled and
 * Unlabeled Examples, equation 4, {@link https://jmlr.org/papers/v7/belkin06a.html}
 */
export const laplacianPenalty = (outputs: Operand, laplacian: Operand): Value => {
  const shape = shapeOf(outputs)
  if (shape.length !== 1 && shape.length !== 2) {
    throw new InvalidTree(`laplacianPenalty: outputs must be a vector or a matrix, got shape ${show(shape)}`)
  }
  const n = shape[0] as number
  const form = shapeOf(laplacian)
  if (form.length !== 2 || form.some((length) => length !== n)) {
    throw new InvalidTree(`laplacianPenalty: laplacian must have shape ${show([n, n])}, got ${show(form)}`)
  }
  const f = shape.length === 1 ? reshape(outputs, [n, 1]) : outputs
  return sum(mul(f, matmul(laplacian, f)))
}
