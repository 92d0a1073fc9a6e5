// A Gaussian process over the points of a space, with Matérn's kernel of smoothness 5/2 and a length scale for each axis.
import { force, ndarray, step } from '@gradchain/core'
import { exp, log } from '@gradchain/core/numbers'
import { cholesky } from '@gradchain/matrix'
import { rprop } from '@gradchain/optimizers'
import type { Axis, Point } from './axes.js'

/** What a Gaussian process is made of: the logarithm of the length scale of each axis, then that of the share of noise. */
type Scales = Float64Array

/** A process that has seen some points; losses are in units of their own. */
export interface GaussianProcess {
  readonly axes: readonly Axis[]
  readonly points: readonly Point[]
  readonly scales: Scales
  /** One over the squared length scale of each axis. */
  readonly inverse: readonly number[]
  /** The lower factor of the kernel's matrix, by rows. */
  readonly factor: Float64Array
  /** The solution of the kernel's matrix for the losses. */
  readonly weights: Float64Array
  /** The variance of the process. */
  readonly variance: number
}

const LENGTH = { least: log(0.02), most: log(20), usual: log(0.5) }
const NOISE = { least: log(1e-8), most: log(1), usual: log(1e-6) }
const ROOT5 = Math.sqrt(5)

/** Half the squared deviation of a logarithm from the usual, in units of what is not surprising. */
const SURPRISE = { length: 1, noise: 3 }

/** The squared distance along one axis: of values without order 0 or 1; what is not there is in the middle. */
const squaredDistance = (axis: Axis, u: number | null, v: number | null): number => {
  if (axis.dimension.kind === 'choice') return u === v ? 0 : 1
  const d = (u ?? 0.5) - (v ?? 0.5)
  return d * d
}

/** One over the squared length scales. */
const inverseSquares = (scales: Scales, d: number): readonly number[] =>
  Array.from({ length: d }, (_, axis) => exp(-2 * (scales[axis] as number)))

const kernelAt = (axes: readonly Axis[], inverse: readonly number[], a: Point, b: Point): number => {
  let squared = 0
  axes.forEach((axis, i) => {
    squared += squaredDistance(axis, a[i] ?? null, b[i] ?? null) * (inverse[i] as number)
  })
  const r = ROOT5 * Math.sqrt(squared)
  return (1 + r + (r * r) / 3) * exp(-r)
}

/** The matrix of the kernel with the share of noise on its diagonal. */
const matrixOf = (axes: readonly Axis[], points: readonly Point[], scales: Scales): Float64Array => {
  const n = points.length
  const inverse = inverseSquares(scales, axes.length)
  const noise = exp(scales[axes.length] as number)
  const k = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      k[i * n + j] = k[j * n + i] = kernelAt(axes, inverse, points[i] as Point, points[j] as Point)
    }
    k[i * n + i] = 1 + noise
  }
  return k
}

const factorOf = (matrix: Float64Array, n: number): Float64Array => {
  const l = force(cholesky(ndarray(matrix, [n, n])))
  return (l as { readonly data: Float64Array }).data
}

/** L⁻¹ b, or with `transposed` L⁻ᵀ b. */
const solved = (l: Float64Array, b: Float64Array, transposed = false): Float64Array => {
  const n = b.length
  const x = b.slice()
  for (let step = 0; step < n; step++) {
    const i = transposed ? n - 1 - step : step
    let sum = x[i] as number
    if (transposed) for (let j = i + 1; j < n; j++) sum -= (l[j * n + i] as number) * (x[j] as number)
    else for (let j = 0; j < i; j++) sum -= (l[i * n + j] as number) * (x[j] as number)
    x[i] = sum / (l[i * n + i] as number)
  }
  return x
}

const dotOf = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** The least variance a process may have: that of losses which are all the same. */
const LEAST_VARIANCE = 1e-12

/** The process with given scales; more noise where the matrix has no factor without. */
export const processOf = (
  axes: readonly Axis[],
  points: readonly Point[],
  losses: Float64Array,
  scales: Scales
): GaussianProcess => {
  const n = points.length
  const own = scales.slice()
  let factor = factorOf(matrixOf(axes, points, own), n)
  while (n > 0 && Number.isNaN(factor[0])) {
    own[axes.length] = (own[axes.length] as number) + 2
    factor = factorOf(matrixOf(axes, points, own), n)
  }
  const half = solved(factor, losses)
  return {
    axes,
    points,
    scales: own,
    inverse: inverseSquares(own, axes.length),
    factor,
    weights: solved(factor, half, true),
    variance: Math.max(LEAST_VARIANCE, dotOf(half, half) / Math.max(1, n))
  }
}

/** The mean and the standard deviation of the process at a point. */
export const predicted = (process: GaussianProcess, point: Point): readonly [mean: number, deviation: number] => {
  const { axes, points, inverse, factor, weights, variance } = process
  const k = Float64Array.from(points, (other) => kernelAt(axes, inverse, point, other))
  const half = solved(factor, k)
  return [dotOf(k, weights), Math.sqrt(variance * Math.max(1e-12, 1 - dotOf(half, half)))]
}

/**
 * Minus the logarithm of the likelihood of the losses, the variance being the likeliest, and of the scales before anything is known, with its
 * gradient.
 */
export const surprise = (
  axes: readonly Axis[],
  points: readonly Point[],
  losses: Float64Array,
  scales: Scales
): readonly [value: number, gradient: Float64Array] => {
  const n = points.length
  const d = axes.length
  const process = processOf(axes, points, losses, scales)
  const { factor, inverse, weights, variance } = process
  const gradient = new Float64Array(d + 1)
  let value = 0.5 * n * log(variance)
  for (let i = 0; i < n; i++) value += log(factor[i * n + i] as number)

  // (K⁻¹ − α αᵀ / σ²) / 2 is the derivative by K.
  const unit = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    unit.fill(0)
    unit[j] = 1
    const column = solved(factor, solved(factor, unit), true)
    for (let i = 0; i <= j; i++) {
      const by = 0.5 * ((column[i] as number) - ((weights[i] as number) * (weights[j] as number)) / variance)
      if (i === j) {
        gradient[d] = (gradient[d] as number) + by * exp(scales[d] as number)
        continue
      }
      const [a, b] = [points[i] as Point, points[j] as Point]
      let squared = 0
      for (let axis = 0; axis < d; axis++) {
        squared += squaredDistance(axes[axis] as Axis, a[axis] ?? null, b[axis] ?? null) * (inverse[axis] as number)
      }
      const r = ROOT5 * Math.sqrt(squared)
      const common = 2 * by * (5 / 3) * (1 + r) * exp(-r)
      for (let axis = 0; axis < d; axis++) {
        const part = squaredDistance(axes[axis] as Axis, a[axis] ?? null, b[axis] ?? null) * (inverse[axis] as number)
        gradient[axis] = (gradient[axis] as number) + common * part
      }
    }
  }
  for (let i = 0; i <= d; i++) {
    const usual = i < d ? LENGTH.usual : NOISE.usual
    const width = i < d ? SURPRISE.length : SURPRISE.noise
    const off = ((scales[i] as number) - usual) / width
    value += 0.5 * off * off
    gradient[i] = (gradient[i] as number) + off / width
  }
  return [value, gradient]
}

/** The scales before anything is known. */
export const usualScales = (d: number): Scales =>
  Float64Array.from({ length: d + 1 }, (_, i) => (i < d ? LENGTH.usual : NOISE.usual))

const STEPS = 40

/** The scales that make the losses least surprising; the usual ones where all losses are the same. */
export const fittedScales = (axes: readonly Axis[], points: readonly Point[], losses: Float64Array): Scales => {
  const d = axes.length
  const start = usualScales(d)
  if (losses.every((loss) => loss === losses[0])) return start
  const tx = rprop(0.3)
  let params = { scales: start }
  let state = tx.init(params)
  let best = start
  let least = Infinity
  for (let t = 0; t < STEPS; t++) {
    const [value, gradient] = surprise(axes, points, losses, params.scales)
    if (value < least) {
      least = value
      best = params.scales
    }
    ;[params, state] = step(tx, { scales: gradient }, state, params)
    params = { scales: params.scales.map((scale, i) => within(scale, i < d ? LENGTH : NOISE)) }
  }
  return best
}

const within = (scale: number, { least, most }: { readonly least: number; readonly most: number }): number =>
  Math.min(most, Math.max(least, scale))
