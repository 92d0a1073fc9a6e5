import { check, oneOf, withDefaults } from '@gradchain/core'
import { choleskyOf, solvedLower, solvedUpper } from '../internal/cholesky.js'
import { descend } from '../internal/descend.js'
import { combined, eigenOf, sharesOf } from '../internal/eigen.js'
import { hessianOf } from '../internal/hessianOf.js'
import { modelStep, type Trust, tryStep } from '../internal/trustRegion.js'
import { dotOf, largestOf, minus, normOf, times } from '../internal/vectors.js'
import type { MinimizeMethod, MinimizePoint, MinimizeProblem } from '../minimize/method.js'

/** Options of {@link newton}. */
export interface NewtonOptions {
  /** What keeps a step from going too far: a radius, or a search along a line. @defaultValue `'trustRegion'` */
  readonly damping?: 'trustRegion' | 'lineSearch'
}

/** What {@link newton} remembers. */
export interface NewtonState {
  /** How far the quadratic model is trusted. */
  readonly trust: Trust
  /** The Hessian, row by row, where it was last computed. */
  readonly known: { readonly x: Float64Array; readonly hessian: Float64Array } | null
}

/**
 * Newton's method, for `minimize`: the minimum of the quadratic model with the true Hessian, kept from going too far. Converges quadratically, and leaves saddles.
 *
 * The Hessian H is made of n products with it, which come from {@link hvp} where f is one of our functions, and from `minimize`'s option `hvp` elsewhere. A step solves
 * systems of n equations: n³ operations, so it is for some hundred params.
 *
 * With `trustRegion` the step p is the exact minimum of the model within a radius Δ, from Δ = max(1, ‖x0‖) on:
 *
 *     (H + λ I) p = −∇f(x)        λ ≥ max(0, −w₁), and λ = 0 or ‖p‖ = Δ
 *
 * where w₁ is the lowest eigenvalue of H. Δ shrinks and grows with the share of the decrease that the model promised. At a saddle the step goes along the eigenvector of w₁.
 *
 * With `lineSearch` it is damped: the direction is −H⁻¹ ∇f(x) where H is positive definite, elsewhere −|H|⁻¹ ∇f(x), with the magnitudes of the eigenvalues, none
 * below 10⁻⁸ of the largest; along it the strong Wolfe conditions are looked for.
 *
 * Laws: a convex quadratic is done in one step, where it is within the radius; the same points for c f, c > 0; at a saddle it goes on.
 *
 * @example
 * const saddle = ({ x, y }: { x: Operand; y: Operand }) => add(square(x), square(sub(square(y), 1)))
 * // There the gradient is 0, and no other method would move.
 * const { x } = minimize(saddle, { x: 0, y: 0 }, { method: newton() })
 * Math.abs(x.y).toFixed(6) // => '1.000000'
 *
 * @throws InvalidOption at construction, when damping is none of the two; in `minimize`, where nobody has said what the Hessian is.
 * @see Moré and Sorensen (1983), Computing a Trust Region Step, {@link https://doi.org/10.1137/0904038}; Nocedal and Wright
 * (2006), sections 3.4 and 4.3
 */
export const newton = (options: NewtonOptions = {}): MinimizeMethod<NewtonState> => {
  const { damping } = withDefaults<Required<NewtonOptions>>('newton', options, { damping: 'trustRegion' })
  check('newton', { damping }, oneOf('trustRegion', 'lineSearch'))

  return {
    name: 'newton',
    start: (_, { x }) => ({ trust: { radius: Math.max(1, normOf(x)), promised: 0 }, known: null }),
    next: (problem, point, { trust, known }) => {
      const hessian = known?.x === point.x ? known.hessian : hessianOf(problem, point)
      const remembered = { x: point.x, hessian }
      if (hessian.some((h) => !Number.isFinite(h))) {
        return { point, state: { trust, known: remembered }, stop: 'notFinite' }
      }
      if (damping === 'trustRegion' || isAtSaddle(point, hessian, trust)) {
        const tried = tryStep(problem, point, modelStep(hessian, point.gradient, trust.radius), trust)
        return { point: tried.point, state: { trust: tried.trust, known: remembered }, stop: tried.stop }
      }
      const direction = dampedDirection(hessian, point)
      const line = { first: 1, decrease: 1e-4, curvature: 0.9 }
      const found = descend(problem, point, direction, line, trust.radius)
      const radius = found.stop === null ? normOf(minus(found.point.x, point.x)) : trust.radius
      // What a whole step promises, where f curves upwards, may be hidden by rounding.
      const isHidden = -0.5 * dotOf(direction, point.gradient) <= 16 * problem.precision * Math.abs(point.value)
      const isDone = isHidden && found.stop !== null && choleskyOf(hessian, problem.size, 0) !== null
      const state = { trust: { radius, promised: 0 }, known: remembered }
      return { point: found.point, state, stop: isDone ? 'decrease' : found.stop }
    },
    isMinimum: (problem, point) => !hasDescent(problem, point)
  }
}

/** Whether the gradient hardly says where to go, and the Hessian does: then no line is searched, but the model minimized within the radius. */
const isAtSaddle = ({ gradient }: MinimizePoint, hessian: Float64Array, { radius }: Trust): boolean =>
  normOf(gradient) <= 1e-8 * radius * largestOf(hessian) && choleskyOf(hessian, gradient.length, 0) === null

/** −H⁻¹ g, or −|H|⁻¹ g */
const dampedDirection = (hessian: Float64Array, { gradient }: MinimizePoint): Float64Array => {
  const lower = choleskyOf(hessian, gradient.length, 0)
  if (lower !== null) return times(-1, solvedUpper(lower, solvedLower(lower, gradient)))
  const eigen = eigenOf(hessian, gradient.length)
  const largest = eigen.values.reduce((most, w) => Math.max(most, Math.abs(w)), 0)
  const shares = sharesOf(eigen, gradient)
  return combined(
    eigen,
    shares.map((share, i) => -share / Math.max(Math.abs(eigen.values[i] as number), 1e-8 * largest))
  )
}

/** Whether the Hessian has a negative eigenvalue, beyond rounding. */
const hasDescent = (problem: MinimizeProblem, point: MinimizePoint): boolean => {
  const hessian = hessianOf(problem, point)
  if (hessian.some((h) => !Number.isFinite(h))) return false
  if (choleskyOf(hessian, problem.size, 0) !== null) return false
  const { values } = eigenOf(hessian, problem.size)
  const largest = values.reduce((most, w) => Math.max(most, Math.abs(w)), 0)
  return (values[0] ?? 0) < -1e-6 * largest
}
