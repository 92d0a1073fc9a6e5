import { descend, firstRate } from '../internal/descend.js'
import { inverseUpdate, scaledIdentity } from '../internal/inverseUpdate.js'
import { applied, minus, normOf, times } from '../internal/vectors.js'
import type { MinimizeMethod } from '../minimize/method.js'

/** What {@link bfgs} remembers. */
export interface BfgsState {
  /** The estimate of the inverse Hessian, row by row; `null` as long as no step has seen f curve upwards. */
  readonly inverse: Float64Array | null
  /** How long the last step was: the first length that is tried where there is no estimate. */
  readonly length: number
}

/**
 * The quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno, for `minimize`: an estimate of the inverse Hessian out of gradients alone.
 *
 * With the step s and the change y of the gradient over it, ρ = 1 / sᵀy, from H = (sᵀy / yᵀy) I at the first step:
 *
 *     H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ
 *     x ← x − α H ∇f(x)
 *
 * α satisfies the strong Wolfe conditions with c₁ = 10⁻⁴ and c₂ = 0.9, is 1 where that will do, and is found as Moré and Thuente do. The first step has length 1.
 * Where nothing is lower along −H ∇f, −∇f is tried. H is n² numbers: for more than some thousand of them take `lbfgs`.
 *
 * Laws: exact on a quadratic after n steps, up to the search; the same points for c f, c > 0; x, not the tree that it is in, matters.
 *
 * @example
 * const bowl = ({ x, y }: { x: Operand; y: Operand }) => add(square(sub(x, 3)), mul(10, square(add(y, 1))))
 * const { x, steps } = minimize(bowl, { x: 0, y: 0 }, { method: bfgs() })
 * x.x.toFixed(6) // => '3.000000'
 * x.y.toFixed(6) // => '-1.000000'
 * steps < 20 // => true
 *
 * @see Nocedal and Wright (2006), algorithm 6.1; Moré and Thuente (1994), Line search algorithms with guaranteed sufficient
 * decrease, {@link https://doi.org/10.1145/192115.192132}
 */
export const bfgs = (): MinimizeMethod<BfgsState> => ({
  name: 'bfgs',
  start: () => ({ inverse: null, length: 1 }),
  next: (problem, point, state) => {
    const { inverse } = state
    const direction = times(-1, inverse === null ? point.gradient : applied(inverse, point.gradient))
    const first = inverse === null ? state.length * firstRate(point) : 1
    const found = descend(problem, point, direction, { first, decrease: 1e-4, curvature: 0.9 }, state.length)
    if (found.stop !== null) return { point, state, stop: found.stop }
    const step = minus(found.point.x, point.x)
    const change = minus(found.point.gradient, point.gradient)
    const known = inverseUpdate(inverse ?? scaledIdentity(step, change), step, change)
    return { point: found.point, state: { inverse: known, length: normOf(step) }, stop: null }
  }
})
