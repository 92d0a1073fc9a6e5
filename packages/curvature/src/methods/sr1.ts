import { modelStep, type Trust, tryStep } from '../internal/trustRegion.js'
import { applied, dotOf, minus, normOf } from '../internal/vectors.js'
import type { MinimizeMethod } from '../minimize/method.js'

/** What {@link sr1} remembers. */
export interface Sr1State {
  /** The estimate of the Hessian, row by row; `null` before the first step. */
  readonly hessian: Float64Array | null
  /** How far the model with it is trusted. */
  readonly trust: Trust
}

/**
 * The symmetric rank-one quasi-Newton method within a trust region, for `minimize`: an estimate of the Hessian out of gradients alone, which may be indefinite
 * and so sees f curve downwards, too.
 *
 * With the step s, the change y of the gradient over it, and r = y − B s, from B = ‖∇f(x0)‖ I:
 *
 *     B ← B + r rᵀ / rᵀs        where |rᵀs| > 10⁻⁸ ‖r‖ ‖s‖
 *
 * The step is the exact minimum of the model ∇fᵀs + ½ sᵀ B s within the radius, which begins with 1, as in {@link newton}. A trial that is not taken teaches B as well. n² numbers
 * of memory and n³ operations for a step: for some hundred params.
 *
 * Laws: on a quadratic B is the Hessian after n independent steps; the same points for c f, c > 0.
 *
 * @example
 * const bowl = ({ x, y }: { x: Operand; y: Operand }) => add(square(sub(x, 3)), mul(10, square(add(y, 1))))
 * const { x } = minimize(bowl, { x: 0, y: 0 }, { method: sr1() })
 * x.x.toFixed(6) // => '3.000000'
 *
 * @see Nocedal and Wright (2006), algorithm 6.2; Conn, Gould and Toint (1991), {@link https://doi.org/10.1007/BF01594934}
 */
export const sr1 = (): MinimizeMethod<Sr1State> => ({
  name: 'sr1',
  start: () => ({ hessian: null, trust: { radius: 1, promised: 0 } }),
  next: (problem, point, state) => {
    const hessian = state.hessian ?? multipleOfIdentity(problem.size, normOf(point.gradient))
    const model = modelStep(hessian, point.gradient, state.trust.radius)
    const tried = tryStep(problem, point, model, state.trust)
    // A trial that is far higher tells of another place, not of the curvature here.
    const isFar = tried.trial === null || tried.trial.value - point.value > 10 * model.decrease
    if (tried.trial === null || isFar) return { point, state: { hessian, trust: tried.trust }, stop: tried.stop }
    const step = minus(tried.trial.x, point.x)
    const change = minus(tried.trial.gradient, point.gradient)
    const isFirst = state.hessian === null && tried.point !== point && dotOf(step, change) > 0
    const known = isFirst ? multipleOfIdentity(problem.size, dotOf(change, change) / dotOf(step, change)) : hessian
    return {
      point: tried.point,
      state: { hessian: updated(known, step, change), trust: tried.trust },
      stop: tried.stop
    }
  }
})

const multipleOfIdentity = (n: number, scale: number): Float64Array =>
  new Float64Array(n * n).map((_, at) => (at % (n + 1) === 0 ? scale : 0))

const updated = (hessian: Float64Array, step: Float64Array, change: Float64Array): Float64Array => {
  const n = step.length
  const rest = minus(change, applied(hessian, step))
  const inner = dotOf(rest, step)
  if (!(Math.abs(inner) > 1e-8 * normOf(step) * normOf(rest))) return hessian
  return hessian.map((b, at) => b + ((rest[Math.floor(at / n)] as number) * (rest[at % n] as number)) / inner)
}
