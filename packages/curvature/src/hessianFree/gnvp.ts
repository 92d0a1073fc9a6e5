import { callable, check, hvp, jvp, type Tree, type Value, vjp } from '@gradchain/core'

/** A function of any tree; what core's derivatives give of it is a tree again. */
type Derivative = (f: (params: Tree) => Tree) => (at: Tree, along: Tree) => readonly [results: Tree, product: Tree]

/**
 * A function that multiplies Gauss's and Newton's matrix of a loss of the outputs of a model by a tree, without ever having the matrix.
 *
 *     gnvp(outputs, loss)(p, v) = Jᵀ H J v        Jᵢⱼ = ∂outputsᵢ / ∂pⱼ, H the Hessian of the loss by the outputs
 *
 * It is the Hessian without what the outputs themselves curve, and positive semidefinite where the loss is convex in the outputs, such as
 * squares or a cross-entropy of logits: directions that lead down are certain. For half of the sum of squares it is Jᵀ J.
 *
 * Laws: linear in v; symmetric; {@link hvp} of the loss of the outputs where those are linear; ⟨v, G v⟩ ≥ 0 for a convex loss.
 *
 * @param outputs - a function from params to a tree of numbers and arrays.
 * @param loss - a function from such a tree to a lazy scalar.
 *
 * @example
 * const outputs = ({ w }: { w: Operand }) => square(w)
 * const loss = (y: Operand) => mul(0.5, sumSquares(y))
 * gnvp(outputs, loss)({ w: new Float64Array([1, 3]) }, { w: new Float64Array([1, 1]) }) // => { w: Float64Array [4, 36] }
 *
 * @throws InvalidOption for what is no function, and for a loss that is no lazy scalar; InvalidTree where v does not fit the params.
 * @see Schraudolph (2002), Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent,
 * {@link https://doi.org/10.1162/08997660260028683}
 */
export const gnvp = <A, Y>(
  outputs: (params: A) => Y,
  loss: (outputs: Y) => Value
): (<P extends A>(params: P, v: P) => P) => {
  check('gnvp', { outputs, loss }, callable)
  // What they take and give is said by their own types.
  const model = outputs as unknown as (params: Tree) => Tree
  const forward = (jvp as unknown as Derivative)(model)
  const backward = (vjp as unknown as Derivative)(model)
  const curve = hvp(loss as unknown as (outputs: Tree) => Value)
  const product = (params: Tree, v: Tree): Tree => {
    const [at, along] = forward(params, v)
    return backward(params, curve(at, along))[1]
  }
  return product as unknown as ReturnType<typeof gnvp<A, Y>>
}
