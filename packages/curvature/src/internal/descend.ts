import type { MinimizeMethodStop, MinimizePoint, MinimizeProblem } from '../minimize/method.js'
import { type LineOptions, type LineResult, searchLine } from './searchLine.js'
import { dotOf, largestOf, normOf, times } from './vectors.js'

/** The rate at which −g is a step of length 1, whatever the scale of f: what is tried where nothing is known. */
export const firstRate = ({ gradient }: MinimizePoint): number => Math.min(1 / normOf(gradient), Number.MAX_VALUE)

/** A step along a direction. */
export interface Descent {
  readonly point: MinimizePoint
  readonly direction: Float64Array
  readonly rate: number
  readonly stop: MinimizeMethodStop | null
}

/**
 * A step along a direction; along −g in its place where the direction does not go down, and once more where nothing along it was lower:
 * there the first trial is as long as is said.
 */
export const descend = (
  problem: MinimizeProblem,
  point: MinimizePoint,
  direction: Float64Array,
  options: LineOptions,
  length: number
): Descent => {
  const steepest = times(-1, point.gradient)
  const isDown =
    largestOf(direction) < Infinity &&
    dotOf(direction, point.gradient) < -1e-12 * normOf(direction) * normOf(point.gradient)
  const straight = { ...options, first: length * firstRate(point) }
  if (!isDown) return step(problem, point, steepest, straight)
  const found = step(problem, point, direction, options)
  if (found.stop === null || found.stop === 'decrease') return found
  const again = step(problem, point, steepest, straight)
  return again.stop === null ? again : found
}

const step = (
  problem: MinimizeProblem,
  point: MinimizePoint,
  direction: Float64Array,
  options: LineOptions
): Descent => {
  const found = searchLine(problem, point, direction, options)
  return { point: found.point, direction, rate: found.rate, stop: stopOf(problem, point, found) }
}

/** A decrease that rounding, or the noise of f, hides is none: then a search that found nothing is the end of a good way. */
const stopOf = (
  problem: MinimizeProblem,
  point: MinimizePoint,
  { stop, noise, promise }: LineResult
): MinimizeMethodStop | null => {
  if (stop === null || stop === 'notFinite') return stop
  return promise <= Math.max(16 * problem.precision * Math.abs(point.value), 4 * noise) ? 'decrease' : stop
}
