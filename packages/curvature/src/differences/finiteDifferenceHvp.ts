import { callable, check, type Like, oneOf, optional, positive, type Tree, withDefaults } from '@gradchain/core'
import { stepFor } from '../internal/differenceStep.js'
import { layoutOf } from '../internal/layout.js'
import { largestOf } from '../internal/vectors.js'

/** Options of {@link finiteDifferenceHvp}. */
export interface FiniteDifferenceHvpOptions {
  /** `'central'` looks at both sides, `'forward'` at one, and at the params themselves. @defaultValue `'central'` */
  readonly scheme?: 'forward' | 'central'
  /**
   * How far the params are moved, beside the largest of them and 1; finite and > 0. @defaultValue the cube root of how far the dtype of the params
   * rounds, the square root for `'forward'`
   */
  readonly step?: number | undefined
}

/**
 * A function that multiplies the Hessian of a loss by a tree, from two gradients: for gradients that nobody can differentiate.
 *
 *     central   H v ≈ (∇f(p + h v) − ∇f(p − h v)) / 2h        forward   H v ≈ (∇f(p + h v) − ∇f(p)) / h
 *     h = step · max(1, |p|) / |v|                            with the largest elements
 *
 * It costs two gradients, and has two thirds of the digits of the dtype of the params, a half with `'forward'`. With several dtypes the coarsest
 * counts, as the loss is no finer than that. Where v is 0, so is the product, and no gradient is asked for.
 *
 * Laws: the error falls by h², by h with `'forward'`; scaling v scales the product alone; exact but for rounding where the gradient is linear,
 * with `'central'` also where it is quadratic.
 *
 * @param gradFn - the gradient as a function of params, in arrays or expressions.
 *
 * @example
 * const gradFn = ({ w }: { w: Float64Array }) => ({ w: w.map((x) => x * x * x) })
 * const { w } = finiteDifferenceHvp(gradFn)({ w: new Float64Array([1, 2]) }, { w: new Float64Array([1, 1]) })
 * w[1]?.toFixed(6) // => '12.000000'
 *
 * @throws InvalidOption when an option is outside its range; InvalidTree where v or a gradient does not fit the params.
 * @see hvp, which is exact
 */
export const finiteDifferenceHvp = <F extends (params: never) => unknown>(
  gradFn: F,
  options: FiniteDifferenceHvpOptions = {}
): (<P extends Parameters<F>[0]>(params: P, v: NoInfer<Like<P>>) => Like<P>) => {
  const { scheme, step } = withDefaults<Required<FiniteDifferenceHvpOptions>>('finiteDifferenceHvp', options, {
    scheme: 'central',
    step: undefined
  })
  check('finiteDifferenceHvp', { gradFn }, callable)
  check('finiteDifferenceHvp', { scheme }, oneOf('forward', 'central'))
  check('finiteDifferenceHvp', { step }, optional(positive))

  // What the function takes is said by its own type.
  const gradientIn = gradFn as unknown as (params: Tree) => Tree
  return <P extends Parameters<F>[0]>(params: P, v: NoInfer<Like<P>>): Like<P> => {
    const layout = layoutOf(params as Tree)
    const at = layout.read(params as Tree)
    const direction = layout.read(v as Tree, 'finiteDifferenceHvp: v')
    const longest = largestOf(direction)
    if (longest === 0) return layout.write(direction) as Like<P>
    const relative = step ?? stepFor(scheme, layout.precision)
    const h = (relative * Math.max(1, largestOf(at))) / longest
    const gradientAt = (t: number): Float64Array =>
      layout.read(
        gradientIn(layout.write(at.map((x, i) => x + t * (direction[i] as number)))),
        'finiteDifferenceHvp: gradFn(params)'
      )
    const [after, before] = [gradientAt(h), gradientAt(scheme === 'central' ? -h : 0)]
    const width = scheme === 'central' ? 2 * h : h
    return layout.write(after.map((g, i) => (g - (before[i] as number)) / width)) as Like<P>
  }
}
