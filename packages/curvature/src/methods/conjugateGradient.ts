import { check, oneOf, withDefaults } from '@gradchain/core'
import { descend, firstRate } from '../internal/descend.js'
import { addScaled, dotOf, minus, normOf, times } from '../internal/vectors.js'
import type { MinimizeMethod } from '../minimize/method.js'

/** How much of the direction before goes into the next. */
export type ConjugateGradientBeta = 'polakRibiere' | 'fletcherReeves' | 'hagerZhang'

/** Options of {@link conjugateGradient}. */
export interface ConjugateGradientOptions {
  /** How much of the direction before goes into the next. @defaultValue `'polakRibiere'` */
  readonly beta?: ConjugateGradientBeta
}

/** What {@link conjugateGradient} remembers. */
export interface ConjugateGradientState {
  /** How long the last step was: the first length that is tried along −g. */
  readonly length: number
  /** The last step; `null` before the first. */
  readonly last: {
    /** The gradient where it began. */
    readonly gradient: Float64Array
    /** Its direction. */
    readonly direction: Float64Array
    /** By how much f fell along it at first: its rate times the slope. */
    readonly fall: number
  } | null
}

/**
 * Nonlinear conjugate gradients, for `minimize`: of all that was before it keeps one direction, so n numbers of memory and no more work than a
 * few products of vectors.
 *
 *     d ← −g + β d        x ← x + α d
 *
 * With g₋ and d₋ those of the step before and y = g − g₋, β is
 *
 *     polakRibiere      max(0, gᵀy / g₋ᵀg₋)
 *     fletcherReeves    gᵀg / g₋ᵀg₋
 *     hagerZhang        max((y − 2 d₋ yᵀy / d₋ᵀy)ᵀ g / d₋ᵀy, −1 / (‖d₋‖ min(0.01, ‖g₋‖)))
 *
 * α satisfies the strong Wolfe conditions with c₁ = 10⁻⁴ and c₂ = 0.2 (0.1 for Fletcher–Reeves, which does badly with less). A first trial falls by as much as the
 * step before, as far as slopes tell. A direction that does not go down is replaced by −g.
 *
 * Laws: on a quadratic, with exact searches, all three are the linear method, and end after n steps; of the same c f, c > 0, Polak–Ribière and Fletcher–Reeves
 * take the same path.
 *
 * @example
 * const f = (x: Operand) => sum(mul(new Float64Array([1, 10, 100]), square(sub(x, 1))))
 * const { x, success } = minimize(f, new Float64Array(3), { method: conjugateGradient() })
 * x.map((xi) => Math.round(1e6 * xi) / 1e6) // => Float64Array [1, 1, 1]
 * success // => true
 *
 * @throws InvalidOption at construction, when beta is none of the three.
 * @see Nocedal and Wright (2006), section 5.2; Hager and Zhang (2005), {@link https://doi.org/10.1137/030601880}
 */
export const conjugateGradient = (options: ConjugateGradientOptions = {}): MinimizeMethod<ConjugateGradientState> => {
  const { beta } = withDefaults<Required<ConjugateGradientOptions>>('conjugateGradient', options, {
    beta: 'polakRibiere'
  })
  check('conjugateGradient', { beta }, oneOf('polakRibiere', 'fletcherReeves', 'hagerZhang'))
  const curvature = beta === 'fletcherReeves' ? 0.1 : 0.2

  return {
    name: 'conjugateGradient',
    start: () => ({ length: 1, last: null }),
    next: (problem, point, state) => {
      const { last } = state
      const steepest = times(-1, point.gradient)
      const share = last === null ? 0 : shareOf(beta, point.gradient, last)
      const direction = last === null || share === 0 ? steepest : addScaled(steepest, share, last.direction)
      const slope = dotOf(direction, point.gradient)
      const first = last === null ? firstRate(point) : last.fall / slope
      const found = descend(problem, point, direction, { first, decrease: 1e-4, curvature }, state.length)
      if (found.stop !== null) return { point, state, stop: found.stop }
      const fall = found.rate * dotOf(found.direction, point.gradient)
      const length = normOf(minus(found.point.x, point.x))
      const next = { length, last: { gradient: point.gradient, direction: found.direction, fall } }
      return { point: found.point, state: next, stop: null }
    }
  }
}

/** β */
const shareOf = (
  beta: ConjugateGradientBeta,
  gradient: Float64Array,
  last: NonNullable<ConjugateGradientState['last']>
): number => {
  const size = dotOf(last.gradient, last.gradient)
  if (beta === 'fletcherReeves') return dotOf(gradient, gradient) / size
  const change = minus(gradient, last.gradient)
  if (beta === 'polakRibiere') return Math.max(0, dotOf(gradient, change) / size)
  const curve = dotOf(last.direction, change)
  if (!(curve > 0)) return 0
  const inner = addScaled(change, (-2 * dotOf(change, change)) / curve, last.direction)
  const least = -1 / (normOf(last.direction) * Math.min(0.01, normOf(last.gradient)))
  return Math.max(dotOf(inner, gradient) / curve, least)
}
