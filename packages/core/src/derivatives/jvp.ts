import { Expr } from '../expression/expr.js'
import { Cotangent } from '../expression/operations/cotangent.js'
import { fullLike, type Value } from '../expression/operations.js'
import { liftPair, liftTree } from '../transformation/edge.js'
import type { Given } from '../transformation/like.js'
import { leaves, unflatten } from '../tree/tree.js'
import { type ArgumentOptions, argnumOf, byArgument } from './argument.js'
import { atEdge } from './edge.js'
import { type Recording, standIn } from './recording.js'
import { reverse } from './reverse.js'
import type { Bound, Differentiable, DifferentiableBy, Fitting, ForcedBy, WithArgument } from './types.js'

/**
 * A function that multiplies the Jacobian of f by a tangent: how its results change along a direction.
 *
 *     jvp(f)(p, t, …rest) = [f(p, …rest), J t]        Jᵢⱼ = ∂fᵢ / ∂pⱼ
 *
 * The tangent has the structure, shapes and dtypes of the params, J t those of what f gives. With `argnum` it is another argument than
 * the first that holds the params; the tangent follows it.
 *
 * There are no forward rules of its own to keep in step with those of reverse mode: cᵀ J is linear in c, and J t is its
 * derivative by c along t. That costs a second walk over the graph; what is evaluated is of the same order.
 *
 * Laws: linear in the tangent; ⟨c, J t⟩ = ⟨cᵀ J, t⟩; the gradient of a loss, along the tangent.
 *
 * @example
 * const f = ({ x }: { x: Operand }) => ({ squares: mul(x, x), total: sum(x) })
 * jvp(f)({ x: new Float32Array([1, 2]) }, { x: new Float32Array([1, 10]) })
 * // => [{ squares: Float32Array [1, 4], total: 3 }, { squares: Float32Array [2, 40], total: 11 }]
 *
 * @throws InvalidOption when f is no function, and for an opaque function without a derivative; InvalidTree where the tangent
 * does not fit the params.
 * @see vjp, hvp
 */
export function jvp<A, Rest extends readonly unknown[], R>(
  f: Differentiable<A, Rest, R>,
  options?: ArgumentOptions<0>
): <P extends Bound<A>>(
  params: P & Fitting<P, A>,
  tangent: NoInfer<Given<P>>,
  ...rest: Rest
) => readonly [results: ForcedBy<P, R>, tangents: ForcedBy<P, R>]
export function jvp<Args extends readonly unknown[], K extends number, R>(
  f: DifferentiableBy<Args, K, R>,
  options: { readonly argnum: K }
): <P extends Bound<Args[K]>>(
  ...given: WithArgument<Args, K, [params: P & Fitting<P, Args[K]>, tangent: NoInfer<Given<P>>]>
) => readonly [results: ForcedBy<P, R>, tangents: ForcedBy<P, R>]
export function jvp(given: unknown, options: ArgumentOptions = {}): unknown {
  const { f, paramsFirst } = byArgument('jvp', given, argnumOf('jvp', options), 1)
  const evaluated = atEdge('jvp', ({ tree, nodes, recording }, [tangent, ...rest]) => {
    const [along] = liftPair('jvp', tangent, tree, 'tangent')
    const tangents = leaves(along)
    const results = liftTree('jvp', 'results', f(tree, ...rest))
    const seeds = leaves(results).map((result) => ({ result, cotangent: anyFor(result, recording) }))
    const products = reverse(
      'jvp',
      seeds.map(({ result, cotangent }) => ({ result, cotangent: new Cotangent(cotangent) })),
      nodes,
      recording
    )
    const found = reverse(
      'jvp',
      products.map((result, i) => ({ result, cotangent: new Cotangent(tangents[i] as Value) })),
      seeds.map(({ cotangent }) => cotangent),
      recording
    )
    return { results: [results, unflatten(results, found)] }
  })
  return (...given: readonly unknown[]) => evaluated(...paramsFirst(given)).results
}

/** A cotangent for a result, whatever its value: what is linear in it has the same derivative everywhere. */
const anyFor = (result: Value, recording: Recording): Expr =>
  result instanceof Expr && !result.isScalar ? (fullLike(result, 1) as Expr) : standIn(1, recording)
