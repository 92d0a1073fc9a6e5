import {
  callable,
  check,
  Expr,
  InvalidOption,
  type Like,
  oneOf,
  optional,
  positive,
  positiveInteger,
  read,
  show,
  type Tree,
  type Value,
  withDefaults
} from '@gradchain/core'
import { stepFor } from '../internal/differenceStep.js'
import { layoutOf } from '../internal/layout.js'

/** Options of {@link finiteDifferenceGradient}. */
export interface FiniteDifferenceGradientOptions {
  /** `'central'` looks at both sides of each param, `'forward'` at one, and once at the params themselves. @defaultValue `'central'` */
  readonly scheme?: 'forward' | 'central'
  /**
   * How far a param is moved, beside its own size or `typical`; finite and > 0. @defaultValue the cube root of how far the dtype of the params
   * rounds, the square root for `'forward'`
   */
  readonly step?: number | undefined
  /** The size of a param below which it counts as that large, finite and > 0: one for all. @defaultValue `1` */
  readonly typical?: number
  /** The most evaluations that a gradient may cost, a whole number ≥ 1; more are refused before the first. @defaultValue `10000` */
  readonly maxEvaluations?: number
}

/**
 * A function that gives the gradient of a loss from differences: for a loss that nobody can differentiate.
 *
 * Element by element, with the others as they are:
 *
 *     central   gᵢ = (f(p + hᵢ eᵢ) − f(p − hᵢ eᵢ)) / 2hᵢ        forward   gᵢ = (f(p + hᵢ eᵢ) − f(p)) / hᵢ
 *     hᵢ = step · max(|pᵢ|, typical)                            rounded so that pᵢ + hᵢ is a number of its dtype
 *
 * n params cost 2 n evaluations, n + 1 with `'forward'`; of the digits of the dtype there remain two thirds, or a half. With several dtypes the
 * coarsest counts for the step, as the loss is no finer than that. An element is NaN where the loss is, or is infinite on both sides.
 *
 * Laws: the error falls by h², by h with `'forward'`; exact but for rounding where f is linear, with `'central'` also where it is quadratic.
 *
 * @param f - the loss as a function of params, in arrays, which it may write to; a number, or a lazy scalar.
 *
 * @example
 * const f = ({ w }: { w: Float64Array }) => w.reduce((total, x) => total + x * x * x, 0)
 * const { w } = finiteDifferenceGradient(f)({ w: new Float64Array([1, 2]) })
 * w[1]?.toFixed(6) // => '12.000000'
 *
 * @throws InvalidOption when an option is outside its range, when there are too many params, when f gives no number.
 * @see grad, which is exact; checkGradients, to compare with
 */
export const finiteDifferenceGradient = <A>(
  f: (params: A) => Value,
  options: FiniteDifferenceGradientOptions = {}
): (<P extends A>(params: P) => Like<P>) => {
  const chosen = withDefaults<Required<FiniteDifferenceGradientOptions>>('finiteDifferenceGradient', options, {
    scheme: 'central',
    step: undefined,
    typical: 1,
    maxEvaluations: 10000
  })
  const { scheme, step, typical, maxEvaluations } = chosen
  check('finiteDifferenceGradient', { f }, callable)
  check('finiteDifferenceGradient', { scheme }, oneOf('forward', 'central'))
  check('finiteDifferenceGradient', { step }, optional(positive))
  check('finiteDifferenceGradient', { typical }, positive)
  check('finiteDifferenceGradient', { maxEvaluations }, positiveInteger)

  return <P extends A>(params: P): Like<P> => {
    // What the function takes is said by its own type.
    const layout = layoutOf(params as Tree)
    const cost = scheme === 'central' ? 2 * layout.size : layout.size + 1
    if (cost > maxEvaluations) {
      throw new InvalidOption(
        `finiteDifferenceGradient: maxEvaluations must be at least ${cost} for so many params, got ${maxEvaluations}`
      )
    }
    const at = layout.read(params as Tree)
    const valueAt = (x: Float64Array): number => numberOf(f(layout.write(x) as A & P))
    const relative = step ?? stepFor(scheme, layout.precision)
    const first = scheme === 'forward' && layout.size > 0 ? valueAt(at) : 0
    const moved = (i: number, h: number): { readonly x: number; readonly value: number } => {
      const target = at.slice()
      target[i] = (at[i] as number) + h
      const rounded = layout.read(layout.write(target))
      return { x: rounded[i] as number, value: valueAt(rounded) }
    }
    const gradient = at.map((x, i) => {
      const h = relative * Math.max(Math.abs(x), typical)
      const after = moved(i, h)
      const before = scheme === 'central' ? moved(i, -h) : { x, value: first }
      return (after.value - before.value) / (after.x - before.x)
    })
    return layout.write(gradient) as Like<P>
  }
}

const numberOf = (value: unknown): number => {
  if (typeof value === 'number') return value
  if (value instanceof Expr && value.isScalar) return read(value)
  throw new InvalidOption(`finiteDifferenceGradient: f must give a number or a lazy scalar, got ${show(value)}`)
}
