import * as random from '@gradchain/core/random'
import type { Jacobian } from './jacobian.js'
import type { LeastSquaresModel } from './leastSquaresModel.js'
import type { ResidualPoint, ResidualProblem } from './residualProblem.js'
import { normOf } from './vectors.js'

/** What Levenberg and Marquardt remember from one trial to the next. */
export interface Region {
  /** How long a step may be, ‖D p‖; 0 before the first one. */
  readonly radius: number
  /** The damping of the last step. */
  readonly damping: number
}

/** How a trial went. */
export interface Trial {
  /** Where it led; `null` where it went uphill, or to what is not finite. */
  readonly point: ResidualPoint | null
  readonly region: Region
  /** By what share of it the sum of squares fell, and by what share it should have. */
  readonly actual: number
  readonly predicted: number
  /** One over the other. */
  readonly ratio: number
  /** Whether there was no step at all: it is lost among the digits of the params. */
  readonly isStill: boolean
  /** Whether it led to what is NaN or infinite. */
  readonly hasFailed: boolean
}

/** The least share of the fall that was promised. */
const ENOUGH = 1e-4

/** One trial of a step within the region, and what its outcome says about the region. */
export const levenbergMarquardtTrial = (
  { at }: ResidualProblem,
  point: ResidualPoint,
  model: LeastSquaresModel,
  scale: Float64Array,
  { radius: given, damping: before }: Region,
  initialRadius: number
): Trial => {
  const isFirst = given === 0
  const size = scaledNorm(point.x, scale)
  const bound = isFirst ? initialRadius * (size > 0 ? size : 1) : given
  const { p, length, slope, curvature, damping } = model.within(bound, before)
  const radius = isFirst ? Math.min(bound, length) : bound
  const target = point.x.map((x, j) => x + (p[j] as number))
  const found = at(target)
  const isStill = target.every((x, j) => x === point.x[j]) || (found?.x.every((x, j) => x === point.x[j]) ?? false)
  const squares = 2 * point.value
  const predicted = -(2 * slope + curvature) / squares
  const actual = found === null ? -1 : 1 - found.value / point.value
  const ratio = predicted > 0 ? actual / predicted : 0
  // The minimum of the parabola through both values and the slope, or a tenth where it would lie nearer.
  const share = actual >= 0 ? 0.5 : (0.5 * slope) / (slope + 0.5 * actual * squares)
  const shrink = found === null || !(share >= 0.1) ? 0.1 : share
  const kept = damping ?? 0
  const region: Region =
    ratio <= 0.25
      ? { radius: shrink * Math.min(radius, length / 0.1), damping: kept / shrink }
      : kept === 0 && damping !== null
        ? { radius: 2 * length, damping: kept }
        : ratio >= 0.75
          ? { radius: Math.max(radius, 2 * length), damping: kept / 2 }
          : { radius, damping: kept }
  return {
    point: ratio >= ENOUGH && actual > 0 ? found : null,
    region,
    actual,
    predicted,
    ratio,
    isStill,
    hasFailed: found === null
  }
}

/** ‖D x‖ */
export const scaledNorm = (x: Float64Array, scale: Float64Array): number =>
  normOf(x.map((value, j) => value * (scale[j] as number)))

/** The lengths of the columns of a Jacobian, and the largest that were seen; 1 for one of zeros. */
export const scaleOf = (jacobian: Jacobian, before: Float64Array | null): Float64Array =>
  lengthsOf(jacobian).map((length, j) => Math.max(length, before?.[j] ?? 0) || 1)

/**
 * The lengths of the columns of a Jacobian. Where there is no matrix to look at they are estimated: ⟨column, u⟩² has the mean ‖column‖² over normal
 * numbers u. They are the same numbers each time, so that a length changes as its column does.
 */
const lengthsOf = ({ matrix, rows, columns, applyTransposed }: Jacobian): Float64Array => {
  const probes =
    matrix === null ? random.split(random.key(0), PROBES).map((key) => applyTransposed(normal(key, rows))) : []
  return Float64Array.from({ length: columns }, (_, j) => {
    if (matrix === null) return normOf(Float64Array.from(probes, (probe) => probe[j] as number)) / Math.sqrt(PROBES)
    return normOf(Float64Array.from({ length: rows }, (_x, i) => matrix[i * columns + j] as number))
  })
}

/** How many products estimate the lengths: with so many they are right but for a factor of about 2. */
const PROBES = 8

const normal = (key: random.Key, length: number): Float64Array =>
  random.normal(key, [length], { dtype: 'float64' }).data
