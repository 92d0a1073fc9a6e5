import { boolean, check, withDefaults } from '../check.js'
import type { Value } from '../expression/operations.js'
import type { Like } from '../transformation/like.js'
import { type ArgumentOptions, byArgument } from './argument.js'
import { atEdge } from './edge.js'
import { gradientsOf } from './gradients.js'
import type { Bound, Differentiable, DifferentiableBy, Fitting, ForcedBy, ScalarOf, WithArgument } from './types.js'

/** Options of {@link valueAndGrad} and {@link grad}. */
export interface GradOptions<K extends number = number> extends ArgumentOptions<K> {
  /** Whether f gives a pair: the loss, and a tree of whatever else is wanted of it. @defaultValue `false` */
  readonly hasAux?: boolean | undefined
}

/**
 * A function that gives the value of a loss and its gradient, out of one that computes the loss of params.
 *
 *     valueAndGrad(f)(p, …rest) = [f(p, …rest), ∇f]        (∇f)ᵢ = ∂f(p, …rest) / ∂pᵢ
 *
 * The function is called once, with expressions in place of the leaves of the params, and must give a lazy scalar. The
 * gradient has the structure, shapes and dtypes of the params; where nothing depends on a leaf it is 0. Reverse mode: the
 * cost is a small multiple of that of the loss, however many params there are. The gradient is an expression like any
 * other: it is evaluated together with the loss, and can be differentiated again. Called with a tree of expressions, the
 * result is a pair of expressions.
 *
 * With `hasAux` the function gives a pair, and the result is `[[value, aux], gradient]`. With `argnum` it is another argument than the first
 * that holds the params; the arguments keep their order.
 *
 * What happens where there is no derivative: |x| has 0 at 0; of two that tie in `min` and `max` each has half, of several in
 * `minOf` and `maxOf` each the same share; √ of a sum of squares, and so every norm, has 0 at 0, any other √ has ∞;
 * `floor` and comparisons have 0; a branch that `where`, `min` or `max` did not take contributes exactly 0, though its own
 * derivative be infinite or NaN; a cast has 1. What `read` tells of an expression inside f, and arrays that a user's own code
 * makes of it, are constants.
 *
 * Laws: linear in the loss; the gradient of Σx² is 2x; the product rule; finite differences agree where it is smooth.
 *
 * @example
 * const loss = ({ w, b }: { w: Operand; b: Operand }, x: Float32Array) => sumSquares(add(mul(w, x), b))
 * valueAndGrad(loss)({ w: new Float32Array([1, -1]), b: 2 }, new Float32Array([3, 1]))
 * // => [26, { w: Float32Array [30, 2], b: 12 }]
 *
 * const withAux = ({ w }: { w: Operand }) => [sum(w), { largest: maxOf(w) }] as const
 * valueAndGrad(withAux, { hasAux: true })({ w: new Float32Array([1, 4]) })
 * // => [[5, { largest: 4 }], { w: Float32Array [1, 1] }]
 *
 * const fit = (x: Float32Array, w: Operand) => dot(w, x)
 * valueAndGrad(fit, { argnum: 1 })(new Float32Array([3, 1]), new Float32Array([1, 1])) // => [4, Float32Array [3, 1]]
 *
 * @throws InvalidOption when f is no function or does not give a lazy scalar, and for an opaque function without a
 * derivative; InvalidTree for what is no tree of arrays.
 * @see grad, hvp, vjp, jvp
 */
export function valueAndGrad<A, Rest extends readonly unknown[]>(
  f: Differentiable<A, Rest, Value>,
  options?: { readonly hasAux?: false | undefined; readonly argnum?: 0 | undefined }
): <P extends Bound<A>>(params: P & Fitting<P, A>, ...rest: Rest) => readonly [value: ScalarOf<P>, gradient: Like<P>]
export function valueAndGrad<A, Rest extends readonly unknown[], Aux>(
  f: Differentiable<A, Rest, readonly [Value, Aux]>,
  options: { readonly hasAux: true; readonly argnum?: 0 | undefined }
): <P extends Bound<A>>(
  params: P & Fitting<P, A>,
  ...rest: Rest
) => readonly [readonly [value: ScalarOf<P>, aux: ForcedBy<P, Aux>], gradient: Like<P>]
export function valueAndGrad<Args extends readonly unknown[], K extends number>(
  f: DifferentiableBy<Args, K, Value>,
  options: { readonly argnum: K; readonly hasAux?: false | undefined }
): <P extends Bound<Args[K]>>(
  ...given: WithArgument<Args, K, [params: P & Fitting<P, Args[K]>]>
) => readonly [value: ScalarOf<P>, gradient: Like<P>]
export function valueAndGrad<Args extends readonly unknown[], K extends number, Aux>(
  f: DifferentiableBy<Args, K, readonly [Value, Aux]>,
  options: { readonly argnum: K; readonly hasAux: true }
): <P extends Bound<Args[K]>>(
  ...given: WithArgument<Args, K, [params: P & Fitting<P, Args[K]>]>
) => readonly [readonly [value: ScalarOf<P>, aux: ForcedBy<P, Aux>], gradient: Like<P>]
export function valueAndGrad(loss: unknown, options: GradOptions = {}): unknown {
  const { hasAux, argnum } = withDefaults('valueAndGrad', options, { hasAux: false, argnum: 0 })
  check('valueAndGrad', { hasAux }, boolean)
  const { f, paramsFirst } = byArgument('valueAndGrad', loss, argnum)
  const evaluated = atEdge('valueAndGrad', (inputs, rest) => {
    const { loss, aux, gradients } = gradientsOf('valueAndGrad', f, inputs, rest, hasAux)
    return { results: hasAux ? [loss, aux] : loss, alike: gradients }
  })
  return (...given: readonly unknown[]) => {
    const { results, alike } = evaluated(...paramsFirst(given))
    return [results, alike]
  }
}
