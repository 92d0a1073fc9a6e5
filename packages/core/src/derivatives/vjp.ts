import { Cotangent } from '../expression/operations/cotangent.js'
import type { Value } from '../expression/operations.js'
import { liftPair } from '../transformation/edge.js'
import type { Like } from '../transformation/like.js'
import { leaves, unflatten } from '../tree/tree.js'
import { type ArgumentOptions, argnumOf, byArgument } from './argument.js'
import { atEdge } from './edge.js'
import { reverse } from './reverse.js'
import type { Bound, Differentiable, DifferentiableBy, Fitting, ForcedBy, OperandsLike, WithArgument } from './types.js'

/**
 * A function that multiplies a cotangent by the Jacobian of f from the left: reverse mode for a function with any tree of
 * results.
 *
 *     vjp(f)(p, c, …rest) = [f(p, …rest), cᵀ J]        Jᵢⱼ = ∂fᵢ / ∂pⱼ
 *
 * The cotangent has the structure, shapes and dtypes of what f gives; the second result those of the params. Both are
 * given at once, where JAX gives a function to be called later: nothing lazy is kept, and the params may be refilled. With `argnum` it is
 * another argument than the first that holds the params; the cotangent follows it.
 *
 * Laws: linear in the cotangent; for a loss and the cotangent 1 it is {@link grad}; ⟨c, J t⟩ = ⟨cᵀ J, t⟩.
 *
 * @example
 * const f = ({ x }: { x: Operand }) => ({ squares: mul(x, x), total: sum(x) })
 * vjp(f)({ x: new Float32Array([1, 2]) }, { squares: new Float32Array([1, 10]), total: 100 })
 * // => [{ squares: Float32Array [1, 4], total: 3 }, { x: Float32Array [102, 140] }]
 *
 * vjp((s: number, x: Operand) => mul(s, x), { argnum: 1 })(3, new Float32Array([1, 2]), new Float32Array([1, 10]))
 * // => [Float32Array [3, 6], Float32Array [3, 30]]
 *
 * @throws InvalidOption when f is no function, and for an opaque function without a derivative; InvalidTree where the
 * cotangent does not fit what f gives.
 * @see jvp, grad
 */
export function vjp<A, Rest extends readonly unknown[], R>(
  f: Differentiable<A, Rest, R>,
  options?: ArgumentOptions<0>
): <P extends Bound<A>>(
  params: P & Fitting<P, A>,
  cotangent: OperandsLike<R>,
  ...rest: Rest
) => readonly [results: ForcedBy<P, R>, product: Like<P>]
export function vjp<Args extends readonly unknown[], K extends number, R>(
  f: DifferentiableBy<Args, K, R>,
  options: { readonly argnum: K }
): <P extends Bound<Args[K]>>(
  ...given: WithArgument<Args, K, [params: P & Fitting<P, Args[K]>, cotangent: OperandsLike<R>]>
) => readonly [results: ForcedBy<P, R>, product: Like<P>]
export function vjp(given: unknown, options: ArgumentOptions = {}): unknown {
  const { f, paramsFirst } = byArgument('vjp', given, argnumOf('vjp', options), 1)
  const evaluated = atEdge('vjp', ({ tree, nodes, recording }, [cotangent, ...rest]) => {
    const [given, results] = liftPair('vjp', cotangent, f(tree, ...rest), 'cotangent', 'results')
    const cotangents = leaves(given)
    const seeds = leaves(results).map((result, i) => ({ result, cotangent: new Cotangent(cotangents[i] as Value) }))
    return { results, alike: unflatten(tree, reverse('vjp', seeds, nodes, recording)) }
  })
  return (...given: readonly unknown[]) => {
    const { results, alike } = evaluated(...paramsFirst(given))
    return [results, alike]
  }
}
