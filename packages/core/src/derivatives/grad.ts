import { boolean, check, withDefaults } from '../check.js'
import type { Value } from '../expression/operations.js'
import type { Like } from '../transformation/like.js'
import { byArgument } from './argument.js'
import { atEdge } from './edge.js'
import { gradientsOf } from './gradients.js'
import type { Bound, Differentiable, DifferentiableBy, Fitting, ForcedBy, WithArgument } from './types.js'
import type { GradOptions } from './valueAndGrad.js'

/**
 * A function that gives the gradient of a loss: {@link valueAndGrad} without the value.
 *
 *     grad(f)(p, …rest) = ∇f        (∇f)ᵢ = ∂f(p, …rest) / ∂pᵢ
 *
 * With `hasAux` the function gives a pair `[loss, aux]`, and the result is `[gradient, aux]`; with `argnum` it is another argument
 * than the first that f is differentiated by.
 *
 * Laws: those of valueAndGrad.
 *
 * @example
 * const cube = (x: Operand) => sum(pow(x, 3))
 * grad(cube)(new Float64Array([1, 2])) // => Float64Array [3, 12]
 * grad((x: Operand) => sum(grad(cube)(x)))(2) // => 12
 *
 * @throws InvalidOption when f is no function or does not give a lazy scalar, and for an opaque function without a
 * derivative; InvalidTree for what is no tree of arrays.
 * @see valueAndGrad
 */
export function grad<A, Rest extends readonly unknown[]>(
  f: Differentiable<A, Rest, Value>,
  options?: { readonly hasAux?: false | undefined; readonly argnum?: 0 | undefined }
): <P extends Bound<A>>(params: P & Fitting<P, A>, ...rest: Rest) => Like<P>
export function grad<A, Rest extends readonly unknown[], Aux>(
  f: Differentiable<A, Rest, readonly [Value, Aux]>,
  options: { readonly hasAux: true; readonly argnum?: 0 | undefined }
): <P extends Bound<A>>(params: P & Fitting<P, A>, ...rest: Rest) => readonly [gradient: Like<P>, aux: ForcedBy<P, Aux>]
export function grad<Args extends readonly unknown[], K extends number>(
  f: DifferentiableBy<Args, K, Value>,
  options: { readonly argnum: K; readonly hasAux?: false | undefined }
): <P extends Bound<Args[K]>>(...given: WithArgument<Args, K, [params: P & Fitting<P, Args[K]>]>) => Like<P>
export function grad<Args extends readonly unknown[], K extends number, Aux>(
  f: DifferentiableBy<Args, K, readonly [Value, Aux]>,
  options: { readonly argnum: K; readonly hasAux: true }
): <P extends Bound<Args[K]>>(
  ...given: WithArgument<Args, K, [params: P & Fitting<P, Args[K]>]>
) => readonly [gradient: Like<P>, aux: ForcedBy<P, Aux>]
export function grad(loss: unknown, options: GradOptions = {}): unknown {
  const { hasAux, argnum } = withDefaults('grad', options, { hasAux: false, argnum: 0 })
  check('grad', { hasAux }, boolean)
  const { f, paramsFirst } = byArgument('grad', loss, argnum)
  const evaluated = atEdge('grad', (inputs, rest) => {
    const { aux, gradients } = gradientsOf('grad', f, inputs, rest, hasAux)
    return { results: aux, alike: gradients }
  })
  return (...given: readonly unknown[]) => {
    const { results, alike } = evaluated(...paramsFirst(given))
    return hasAux ? [alike, results] : alike
  }
}
