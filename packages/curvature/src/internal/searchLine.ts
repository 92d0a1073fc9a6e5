import type { MinimizeMethodStop, MinimizePoint, MinimizeProblem } from '../minimize/method.js'
import { cubicMinimum, parabolaMinimum, type Sample, secantZero } from './interpolate.js'
import { addScaled, dotOf, largestOf, minus } from './vectors.js'

/** How a line is searched. */
export interface LineOptions {
  /** The first rate that is tried, > 0. */
  readonly first: number
  /** The share of the slope at the start that the value must fall by. */
  readonly decrease: number
  /** The share of the slope at the start that the slope must fall to. */
  readonly curvature: number
}

/** What a search found. */
export interface LineResult {
  /** The best trial that is no step uphill; the start when there is none. */
  readonly point: MinimizePoint
  /** Its rate, 0 for the start. */
  readonly rate: number
  /** Why there is none. */
  readonly stop: MinimizeMethodStop | null
  /** By how much the trial next to the start differs from it: where nothing goes down, the noise of f, or how fast it goes up. */
  readonly noise: number
  /** The decrease that the slopes at the start and at the first trial promise, were f a parabola; Infinity where it curves downwards. */
  readonly promise: number
}

interface Trial extends Sample {
  readonly point: MinimizePoint
}

const MOST_TRIALS = 25
const GROWTH = 4

/**
 * Looks along a direction for a point that is lower by enough and where the slope is smaller by enough: the strong Wolfe conditions.
 *
 * A bracket [low, high] is kept: low is the lowest trial that is low enough, and f falls from it towards high. Between them the next trial is
 * chosen by cubics and parabolas as Moré and Thuente do, and halved where that shrinks the bracket too slowly. A trial that is
 * NaN or infinite is an end of the bracket of which nothing else is known.
 *
 * Where rounding hides the decrease, a trial that is not higher is good as soon as its slope says so (Hager and Zhang's approximate
 * conditions).
 */
export const searchLine = (
  problem: MinimizeProblem,
  start: MinimizePoint,
  direction: Float64Array,
  { first, decrease, curvature }: LineOptions
): LineResult => {
  const origin: Trial = { rate: 0, value: start.value, slope: dotOf(start.gradient, direction), point: start }
  if (!(origin.slope < 0)) return { point: start, rate: 0, stop: 'lineSearch', noise: 0, promise: 0 }
  const enough = (rate: number): number => origin.value + decrease * rate * origin.slope

  let low = origin
  let high: Trial | null = null
  let wall = Infinity
  let [widest, wider] = [Infinity, Infinity]
  let rate = first
  let isFlat = true
  let [nearest, noise] = [Infinity, 0]
  let promise: number | null = null

  for (let trials = 0; trials < MOST_TRIALS; trials++) {
    const point = problem.at(addScaled(start.x, rate, direction))
    if (point === null) {
      wall = rate
      if (low !== origin && wall - low.rate <= 0.25 * wall) break
      // Where f is no number may be far nearer than the trial.
      rate = low.rate + (low === origin ? 0.1 : 0.5) * (rate - low.rate)
      continue
    }
    const trial: Trial = { rate, value: point.value, slope: dotOf(point.gradient, direction), point }
    if (largestOf(minus(point.x, start.x)) === 0) break
    promise ??= promiseOf(origin, trial)
    if (rate < nearest) [nearest, noise] = [rate, Math.abs(trial.value - origin.value)]
    if (trial.value !== origin.value) isFlat = false

    const isFlatter = Math.abs(trial.slope) <= -curvature * origin.slope
    if (isFlatter && (trial.value <= enough(rate) || isNear(origin, trial, problem.precision))) return found(trial)

    const next = nextRate(low, trial, high)
    const isHigher = trial.value > low.value || (trial.value === low.value && trial.slope >= 0)
    if (isHigher || trial.value > enough(rate)) {
      high = trial
    } else {
      if (trial.slope * (trial.rate - low.rate) >= 0) high = low
      low = trial
    }
    if (high === null) {
      const farthest = Math.min(GROWTH * rate + rate, 0.5 * (rate + wall))
      rate = next > 1.1 * rate ? Math.min(next, farthest) : 1.1 * rate
      continue
    }
    const width = Math.abs(high.rate - low.rate)
    rate = width > 0.66 * wider ? 0.5 * (low.rate + high.rate) : within(next, low.rate, high.rate)
    ;[wider, widest] = [widest, width]
    if (rate === low.rate || rate === high.rate) break
    // Between the two f cannot fall by as much as it is rounded.
    if (low === origin && -high.rate * origin.slope < 0.5 * problem.precision * Math.abs(origin.value)) break
  }
  if (low.value < origin.value) return found(low)
  const stop = promise === null && wall < Infinity ? 'notFinite' : isFlat ? 'flat' : 'lineSearch'
  return { point: start, rate: 0, stop, noise, promise: promise ?? Infinity }
}

/** −½ slope · rate where the slope, linear between two samples, is 0. */
const promiseOf = (origin: Trial, trial: Trial): number =>
  trial.slope > origin.slope ? -0.5 * origin.slope * secantZero(origin, trial) : Infinity

const found = ({ point, rate }: Trial): LineResult => ({ point, rate, stop: null, noise: 0, promise: 0 })

/** Not higher, and so near that rounding decides. */
const isNear = (origin: Trial, trial: Trial, precision: number): boolean =>
  trial.value <= origin.value && origin.value - trial.value <= 8 * precision * Math.abs(origin.value)

/** A rate well inside of a bracket. */
const within = (rate: number, low: number, high: number): number => {
  const margin = 0.05 * Math.abs(high - low)
  const [from, to] = [Math.min(low, high) + margin, Math.max(low, high) - margin]
  return Number.isFinite(rate) ? Math.min(Math.max(rate, from), to) : 0.5 * (low + high)
}

/** Where the next trial should be, after one, beside the best and the other end. */
const nextRate = (low: Trial, trial: Trial, high: Trial | null): number => {
  const cubic = cubicMinimum(low, trial)
  if (trial.value > low.value) {
    const parabola = parabolaMinimum(low, trial)
    return Math.abs(cubic - low.rate) < Math.abs(parabola - low.rate) ? cubic : mean(cubic, parabola)
  }
  const secant = secantZero(low, trial)
  if (trial.slope * low.slope < 0) {
    return Math.abs(cubic - trial.rate) > Math.abs(secant - trial.rate) ? cubic : secant
  }
  if (Math.abs(trial.slope) < Math.abs(low.slope)) {
    const isAhead = (cubic - trial.rate) * (trial.rate - low.rate) > 0
    if (high === null) return isAhead ? Math.max(cubic, secant) : secant
    if (!isAhead) return secant
    return Math.abs(cubic - trial.rate) < Math.abs(secant - trial.rate) ? cubic : secant
  }
  return high === null ? Infinity : cubicMinimum(trial, high)
}

const mean = (a: number, b: number): number => (Number.isNaN(a) ? b : 0.5 * (a + b))
