import type { LeastSquaresModel, ModelStep } from './leastSquaresModel.js'
import type { ResidualPoint, ResidualProblem } from './residualProblem.js'
import { addScaled } from './vectors.js'

/** How the way along a whole step went. */
export interface GaussNewtonSearch {
  /** Where it led; `null` where no trial was good enough. */
  readonly point: ResidualPoint | null
  /** The whole step. */
  readonly step: ModelStep
  /** Which share of it was taken. */
  readonly rate: number
  /** How often the residuals were asked for. */
  readonly trials: number
  /** Whether the last trial led to what is NaN or infinite. */
  readonly hasFailed: boolean
}

/** The least share of the fall that the slope promises. */
const ENOUGH = 1e-4

/** The whole step, or as much of it as makes the sum of squares fall: the minimum of a parabola, between a tenth and a half of the last trial. */
export const gaussNewtonSearch = (
  { at }: ResidualProblem,
  point: ResidualPoint,
  model: LeastSquaresModel,
  maxTrials: number
): GaussNewtonSearch => {
  const step = model.whole()
  let rate = 1
  let hasFailed = false
  for (let trials = 1; trials <= maxTrials; trials++) {
    const target = addScaled(point.x, rate, step.p)
    const found = at(target)
    hasFailed = found === null
    if (found !== null && found.value < point.value && found.value <= point.value + ENOUGH * rate * step.slope) {
      return { point: found, step, rate, trials, hasFailed }
    }
    if (found?.x.every((x, j) => x === point.x[j]) ?? false) return { point: null, step, rate, trials, hasFailed }
    const rise = found === null ? Infinity : found.value - point.value - rate * step.slope
    rate *= Math.min(0.5, Math.max(0.1, (-0.5 * rate * step.slope) / rise))
  }
  return { point: null, step, rate: 0, trials: maxTrials, hasFailed }
}
