import { Cotangent } from '../expression/operations/cotangent.js'
import type { Value } from '../expression/operations.js'
import { liftPair } from '../transformation/edge.js'
import type { Given, Like } from '../transformation/like.js'
import { leaves, unflatten } from '../tree/tree.js'
import { type ArgumentOptions, argnumOf, byArgument } from './argument.js'
import { atEdge } from './edge.js'
import { gradientsOf } from './gradients.js'
import { reverse } from './reverse.js'
import type { Bound, Differentiable, DifferentiableBy, Fitting, WithArgument } from './types.js'

/**
 * A function that multiplies the Hessian of a loss by a tree, without ever having the Hessian.
 *
 *     hvp(f)(p, v, …rest) = H v = ∇⟨∇f, v⟩        Hᵢⱼ = ∂²f(p, …rest) / ∂pᵢ ∂pⱼ
 *
 * v has the structure, shapes and dtypes of the params, and so has the result. With `argnum` it is another argument than the first
 * that holds the params; v follows it.
 *
 * Laws: linear in v; symmetric, ⟨u, H v⟩ = ⟨H u, v⟩; for ½ xᵀ A x with a symmetric A it is A v.
 *
 * @example
 * const f = ({ x, y }: { x: Operand; y: Operand }) => sum(mul(square(x), y))
 * const at = { x: new Float64Array([1, 2]), y: new Float64Array([3, 4]) }
 * hvp(f)(at, { x: new Float64Array([1, 0]), y: new Float64Array([0, 1]) })
 * // => { x: Float64Array [6, 4], y: Float64Array [2, 0] }
 *
 * @throws InvalidOption when f is no function or does not give a lazy scalar, and for an opaque function without a
 * derivative; InvalidTree where v does not fit the params.
 * @see grad, jvp
 */
export function hvp<A, Rest extends readonly unknown[]>(
  f: Differentiable<A, Rest, Value>,
  options?: ArgumentOptions<0>
): <P extends Bound<A>>(params: P & Fitting<P, A>, v: NoInfer<Given<P>>, ...rest: Rest) => Like<P>
export function hvp<Args extends readonly unknown[], K extends number>(
  f: DifferentiableBy<Args, K, Value>,
  options: { readonly argnum: K }
): <P extends Bound<Args[K]>>(
  ...given: WithArgument<Args, K, [params: P & Fitting<P, Args[K]>, v: NoInfer<Given<P>>]>
) => Like<P>
export function hvp(given: unknown, options: ArgumentOptions = {}): unknown {
  const { f, paramsFirst } = byArgument('hvp', given, argnumOf('hvp', options), 1)
  const evaluated = atEdge('hvp', (inputs, [v, ...rest]) => {
    const { tree, nodes, recording } = inputs
    const [along] = liftPair('hvp', v, tree, 'v')
    const vectors = leaves(along)
    const { gradients } = gradientsOf('hvp', f, inputs, rest)
    const seeds = leaves(gradients).map((result, i) => ({ result, cotangent: new Cotangent(vectors[i] as Value) }))
    return { alike: unflatten(tree, reverse('hvp', seeds, nodes, recording)) }
  })
  return (...given: readonly unknown[]) => evaluated(...paramsFirst(given)).alike
}
