import { force, type NdArray, ndarray } from '@gradchain/core'
import { qr, svd } from '@gradchain/matrix'
import type { Jacobian } from './jacobian.js'
import { addScaled, dotOf, normOf, times } from './vectors.js'

/** A step p for linearized residuals. */
export interface ModelStep {
  readonly p: Float64Array
  /** ‖D p‖ */
  readonly length: number
  /** ⟨Jᵀ r, p⟩ */
  readonly slope: number
  /** ‖J p‖² */
  readonly curvature: number
  /** λ, with which p solves (Jᵀ J + λ D²) p = −Jᵀ r; `null` where it does not, as it ended earlier. */
  readonly damping: number | null
}

/** The residuals linearized: r + J p, with a length ‖D p‖ for steps. */
export interface LeastSquaresModel {
  /** Jᵀ r */
  readonly gradient: Float64Array
  /** The step of least length among those that make ‖r + J p‖ least; by products, one that makes it small. */
  readonly whole: () => ModelStep
  /** The step that makes ‖r + J p‖ least among those with ‖D p‖ ≤ radius, up to a tenth of it. */
  readonly within: (radius: number, damping: number) => ModelStep
}

/** How far the solution by products goes. */
export interface IterativeOptions {
  /** The most products with J, and as many with Jᵀ. */
  readonly maxIterations: number
  /** At which share of its length the gradient of the linearized residuals is small enough. */
  readonly tolerance: number
}

/** The model of a Jacobian: by its singular values where it is a matrix, else by conjugate gradients. */
export const leastSquaresModel = (
  jacobian: Jacobian,
  residuals: Float64Array,
  scale: Float64Array,
  iterative: IterativeOptions
): LeastSquaresModel => {
  const gradient = jacobian.applyTransposed(residuals)
  const found = (p: Float64Array, damping: number | null): ModelStep => {
    const image = jacobian.apply(p)
    const length = normOf(p.map((x, j) => x * (scale[j] as number)))
    return { p, length, slope: dotOf(gradient, p), curvature: dotOf(image, image), damping }
  }
  const { matrix } = jacobian
  if (matrix !== null) return { gradient, ...bySingularValues(jacobian, matrix, residuals, scale, found) }
  const within = (radius: number): ModelStep => byProducts(jacobian, residuals, scale, radius, iterative, found)
  return { gradient, whole: () => within(Infinity), within }
}

type Found = (p: Float64Array, damping: number | null) => ModelStep

/** U diag(s) Vᵀ = J D⁻¹, and the residuals in terms of U. */
const bySingularValues = (
  { rows, columns }: Jacobian,
  matrix: Float64Array,
  residuals: Float64Array,
  scale: Float64Array,
  found: Found
): Omit<LeastSquaresModel, 'gradient'> => {
  const scaled = matrix.map((x, i) => x / (scale[i % columns] as number))
  const { s, vt, along } = decomposed(scaled, rows, columns, residuals)
  const negligible = Number.EPSILON * Math.max(rows, columns) * (s[0] ?? 0)
  /** D p for a damping λ, in terms of V. */
  const coefficients = (damping: number): Float64Array =>
    s.map((value, k) => {
      if (damping === 0 && value <= negligible) return 0
      return (-value * (along[k] as number)) / (value * value + damping)
    })
  const stepOf = (inV: Float64Array, damping: number): ModelStep => {
    const p = new Float64Array(columns)
    inV.forEach((share, k) => {
      for (let j = 0; j < columns; j++) p[j] = (p[j] as number) + share * (vt[k * columns + j] as number)
    })
    return found(
      p.map((x, j) => x / (scale[j] as number)),
      damping
    )
  }
  const whole = (): ModelStep => stepOf(coefficients(0), 0)

  return {
    whole,
    within: (radius, before) => {
      const undamped = coefficients(0)
      const longest = normOf(undamped)
      if (longest <= 1.1 * radius) return stepOf(undamped, 0)
      // Newton's method for the damping at which the step is as long as the radius, within bounds that it narrows (Hebden, Moré).
      const slopeOf = (inV: Float64Array, damping: number, length: number): number =>
        -inV.reduce((sum, share, k) => {
          const value = s[k] as number
          // Where the undamped step has no part there is none to change.
          return share === 0 ? sum : sum + ((share / length) * share) / (value * value + damping)
        }, 0)
      const steepest = normOf(s.map((value, k) => value * (along[k] as number)))
      let most = steepest / radius
      const isFull = s.length === columns && (s[columns - 1] as number) > negligible
      let least = isFull ? (longest - radius) / -slopeOf(undamped, 0, longest) : 0
      let damping = Math.min(Math.max(before === 0 ? steepest / longest : before, least), most)
      let inV = undamped
      for (let i = 0; i < 10; i++) {
        if (damping === 0) damping = Math.max(Number.MIN_VALUE, 0.001 * most)
        inV = coefficients(damping)
        const length = normOf(inV)
        const excess = length - radius
        if (Math.abs(excess) <= 0.1 * radius) break
        if (excess < 0) most = Math.min(most, damping)
        else least = Math.max(least, damping)
        damping = Math.max(least, damping - (excess / slopeOf(inV, damping, length)) * (length / radius))
      }
      return stepOf(inV, damping)
    }
  }
}

interface Decomposed {
  readonly s: Float64Array
  readonly vt: Float64Array
  /** Uᵀ r */
  readonly along: Float64Array
}

/** A matrix with many more rows than columns is made square before. */
const decomposed = (matrix: Float64Array, rows: number, columns: number, residuals: Float64Array): Decomposed => {
  if (rows > 2 * columns) {
    const factors = qr(ndarray(matrix, [rows, columns]))
    const [q, r] = [dataOf(factors.q), dataOf(factors.r)]
    return decomposed(r, columns, columns, transposedTimes(q, columns, residuals))
  }
  const factors = svd(ndarray(matrix, [rows, columns]))
  const s = dataOf(factors.s)
  return { s, vt: dataOf(factors.vt), along: transposedTimes(dataOf(factors.u), s.length, residuals) }
}

const dataOf = (x: Parameters<typeof force>[0]): Float64Array => (force(x) as NdArray<'float64'>).data

/** Aᵀ v for a matrix of so many columns. */
const transposedTimes = (a: Float64Array, columns: number, v: Float64Array): Float64Array => {
  const out = new Float64Array(columns)
  v.forEach((value, i) => {
    for (let j = 0; j < columns; j++) out[j] = (out[j] as number) + (a[i * columns + j] as number) * value
  })
  return out
}

/**
 * Conjugate gradients on D⁻¹ Jᵀ J D⁻¹, which end where they leave the radius, at the border (Steihaug). The lengths ‖D p‖ of their iterates grow, so that
 * nothing beyond is missed.
 */
const byProducts = (
  jacobian: Jacobian,
  residuals: Float64Array,
  scale: Float64Array,
  radius: number,
  { maxIterations, tolerance }: IterativeOptions,
  found: Found
): ModelStep => {
  const unscaled = (v: Float64Array): Float64Array => v.map((x, j) => x / (scale[j] as number))
  const downhill = (left: Float64Array): Float64Array => unscaled(jacobian.applyTransposed(left))
  const ended = (q: Float64Array): ModelStep => found(unscaled(q), null)
  let rest = times(-1, residuals)
  let descent = downhill(rest)
  /** D p */
  let q: Float64Array = new Float64Array(descent.length)
  let direction = descent
  let size = dotOf(descent, descent)
  const enough = tolerance * tolerance * size
  for (let i = 0; i < maxIterations && size > enough; i++) {
    const image = jacobian.apply(unscaled(direction))
    const curvature = dotOf(image, image)
    if (!(curvature > 0)) return ended(toBorder(q, direction, radius))
    const rate = size / curvature
    const next = addScaled(q, rate, direction)
    if (normOf(next) >= radius) return ended(toBorder(q, direction, radius))
    q = next
    rest = addScaled(rest, -rate, image)
    descent = downhill(rest)
    const after = dotOf(descent, descent)
    direction = addScaled(descent, after / size, direction)
    size = after
  }
  return ended(q)
}

/** Where the way from p along a direction has the length of the radius; p where there is no such place. */
const toBorder = (p: Float64Array, direction: Float64Array, radius: number): Float64Array => {
  if (radius === Infinity) return p
  const [a, b, c] = [dotOf(direction, direction), dotOf(p, direction), dotOf(p, p) - radius * radius]
  if (!(a > 0)) return p
  const root = Math.sqrt(Math.max(b * b - a * c, 0))
  return addScaled(p, b > 0 ? -c / (b + root) : (root - b) / a, direction)
}
