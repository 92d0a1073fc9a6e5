import type { MinimizeMethodStop, MinimizePoint, MinimizeProblem } from '../minimize/method.js'
import { choleskyOf, solvedLower, solvedUpper } from './cholesky.js'
import { combined, type Eigen, eigenOf, sharesOf } from './eigen.js'
import { addScaled, applied, dotOf, normOf, times } from './vectors.js'

/** The step that a model wants within a radius. */
export interface ModelStep {
  readonly step: Float64Array
  /** By how much the model falls, ≥ 0. */
  readonly decrease: number
  readonly isAtBorder: boolean
}

/**
 * The minimum of the model gᵀp + ½ pᵀ H p over ‖p‖ ≤ radius:
 *
 *     (H + λ I) p = −g        λ ≥ 0, H + λ I without negative eigenvalues; λ = 0, or ‖p‖ = radius
 *
 * Where H is positive definite, that is solved by its factors, which keeps what is small in a badly scaled H; elsewhere by its eigenvectors.
 */
export const modelStep = (hessian: Float64Array, gradient: Float64Array, radius: number): ModelStep => {
  const shares =
    convexStep(hessian, gradient, radius) ?? indefiniteStep(eigenOf(hessian, gradient.length), gradient, radius)
  const length = normOf(shares)
  const isAtBorder = length >= 0.9 * radius
  // The step may be longer than the radius by a rounding.
  const step = length > radius ? times(radius / length, shares) : shares
  return { step, decrease: -dotOf(gradient, step) - 0.5 * dotOf(step, applied(hessian, step)), isAtBorder }
}

const ROUNDS = 60
const CLOSE = 1e-2

/** For a positive definite H: from λ = 0 on, Newton's method on 1/‖p‖, which is nearly linear in λ, never leaves the side it is on. */
const convexStep = (hessian: Float64Array, gradient: Float64Array, radius: number): Float64Array | null => {
  const n = gradient.length
  let shift = 0
  let step: Float64Array | null = null
  for (let round = 0; round < ROUNDS; round++) {
    const lower = choleskyOf(hessian, n, shift)
    if (lower === null) return step
    step = times(-1, solvedUpper(lower, solvedLower(lower, gradient)))
    const length = normOf(step)
    if (length <= (1 + CLOSE) * radius) return step
    const w = normOf(solvedLower(lower, step))
    shift += (length / w) * (length / w) * (length / radius - 1)
  }
  return step
}

/**
 * In the basis of the eigenvectors:
 *
 *     pᵢ = −cᵢ / (wᵢ + λ)        c = Vᵀ g,  λ > −w₁
 *
 * Where g has nothing along the eigenvector of a lowest w₁ (the hard case), as at a saddle, what is missing from the radius goes along it.
 */
const indefiniteStep = (eigen: Eigen, gradient: Float64Array, radius: number): Float64Array => {
  const { values } = eigen
  const c = sharesOf(eigen, gradient)
  const lowest = values[0] as number
  const stepAt = (shift: number): Float64Array =>
    c.map((share, i) => (share === 0 ? 0 : -share / ((values[i] as number) + shift)))
  const most = Math.max(Math.abs(lowest), Math.abs(values[values.length - 1] as number))
  const reach = normOf(gradient) / radius
  let from = Math.max(0, -lowest) + 1e-14 * Math.max(most, reach)
  let to = Math.max(0, -lowest) + reach
  const longest = stepAt(from)
  if (!(normOf(longest) > radius)) {
    longest[0] = 0
    const missing = Math.sqrt(Math.max(0, radius * radius - dotOf(longest, longest)))
    longest[0] = (c[0] as number) > 0 ? -missing : missing
    return combined(eigen, longest)
  }
  let shift = 0.5 * (from + to)
  for (let round = 0; round < ROUNDS; round++) {
    const p = stepAt(shift)
    const length = normOf(p)
    if (Math.abs(length - radius) <= CLOSE * radius) break
    if (length > radius) from = shift
    else to = shift
    const fall = p.reduce((sum, pi, i) => (pi === 0 ? sum : sum + (pi * pi) / ((values[i] as number) + shift)), 0)
    const next = shift + ((length * length) / fall) * (length / radius - 1)
    shift = next > from && next < to ? next : 0.5 * (from + to)
  }
  return combined(eigen, stepAt(shift))
}

/** How far a model is trusted. */
export interface Trust {
  /** The radius within which it is. */
  readonly radius: number
  /** The decrease that it promised when its last steps began to fail; 0 when the last one was taken. */
  readonly promised: number
}

/** What became of a step of a model. */
export interface TrustStep {
  readonly point: MinimizePoint
  /** The point that was tried, whether or not it is lower; `null` for a failed trial. */
  readonly trial: MinimizePoint | null
  readonly trust: Trust
  readonly stop: MinimizeMethodStop | null
}

/**
 * Tries the step of a model, and takes it if f falls. With the share of the predicted decrease that there was the radius
 *
 *     becomes ‖p‖ / 4 below 1/4,   is doubled above 3/4 at the border,   stays otherwise
 *
 * and a trial that is NaN or infinite counts as below.
 */
export const tryStep = (
  problem: MinimizeProblem,
  point: MinimizePoint,
  { step, decrease, isAtBorder }: ModelStep,
  { radius, promised }: Trust
): TrustStep => {
  const length = normOf(step)
  const trial = decrease > 0 ? problem.at(addScaled(point.x, 1, step)) : null
  const actual = trial === null ? -Infinity : point.value - trial.value
  const rounding = 16 * problem.precision * Math.abs(point.value)
  // Where rounding decides about f, a smaller gradient decides.
  const isHidden = decrease <= rounding && actual >= 0 && trial !== null
  const isBetter = actual > 1e-4 * decrease || (isHidden && normOf(trial.gradient) < normOf(point.gradient))
  const share = isHidden ? 1 : actual / decrease
  if (trial !== null && isBetter) {
    const after = share < 0.25 ? 0.25 * length : share > 0.75 && isAtBorder ? 2 * radius : radius
    return { point: trial, trial, trust: { radius: after, promised: 0 }, stop: null }
  }
  const next = 0.25 * Math.min(length, radius)
  const before = promised === 0 ? decrease : promised
  const isMoving = next > 4 * problem.precision * normOf(point.x) && next > Number.MIN_VALUE
  const stop = before <= rounding ? 'decrease' : isMoving ? null : endOf(before, actual, decrease)
  return { point, trial, trust: { radius: next, promised: before }, stop }
}

/** Why no radius is small enough: as it shrinks, so does what the model promises, but not the noise of f. */
const endOf = (promised: number, actual: number, decrease: number): MinimizeMethodStop => {
  if (actual === -Infinity) return 'notFinite'
  if (actual === 0) return 'flat'
  return -actual > 2 * decrease && promised <= -4 * actual ? 'decrease' : 'radius'
}
