import { force, ndarray } from '@gradchain/core'
import { exp } from '@gradchain/core/numbers'
import { eigh } from '@gradchain/matrix'
import type { SearchVector } from '../flat.js'
import { type CmaConstants, stepFactor } from './constants.js'

/** The normal distribution that CMA-ES draws from, and what it remembers. */
export interface CmaDistribution {
  /** Its mean, in which bounds do not count. */
  readonly mean: SearchVector
  /** The step σ. */
  readonly sigma: number
  /** The covariance C by rows; of a diagonal one the squares of the lengths of its axes. */
  readonly covariance: SearchVector
  /** The axes of C by columns, B; `null` where they are those of the params. */
  readonly axes: SearchVector | null
  /** The lengths of the axes, D. */
  readonly lengths: SearchVector
  /** In which generation they were computed. */
  readonly decomposedAt: number
  /** The path of the covariance. */
  readonly path: SearchVector
  /** The path of the step. */
  readonly stepPath: SearchVector
}

/** The distribution that a run starts from. */
export const initialDistribution = (mean: SearchVector, sigma: number, isDiagonal: boolean): CmaDistribution => {
  const n = mean.length
  const ones = new Array<number>(n).fill(1)
  return {
    mean,
    sigma,
    covariance: isDiagonal ? ones : Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    axes: null,
    lengths: ones,
    decomposedAt: 0,
    path: new Array<number>(n).fill(0),
    stepPath: new Array<number>(n).fill(0)
  }
}

/** B v, or Bᵀ v. */
const turned = (axes: SearchVector | null, v: SearchVector, isBack: boolean): number[] => {
  if (axes === null) return [...v]
  const n = v.length
  const out = new Array<number>(n).fill(0)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const to = isBack ? j : i
      const from = isBack ? i : j
      out[to] = (out[to] as number) + (axes[i * n + j] as number) * (v[from] as number)
    }
  }
  return out
}

/** The direction B D z. */
export const directionOf = ({ axes, lengths }: CmaDistribution, z: SearchVector): number[] =>
  turned(
    axes,
    z.map((value, i) => value * (lengths[i] as number)),
    false
  )

/** C^(−½) y = B D⁻¹ Bᵀ y. */
const whitened = ({ axes, lengths }: CmaDistribution, y: SearchVector): number[] =>
  turned(
    axes,
    turned(axes, y, true).map((value, i) => value / (lengths[i] as number)),
    false
  )

const squared = (v: SearchVector): number => v.reduce((total, x) => total + x * x, 0)

/** The variances of the elements of σ⁻¹ x. */
export const variancesOf = ({ covariance, mean }: CmaDistribution): SearchVector => {
  const n = mean.length
  return covariance.length === n ? covariance : mean.map((_, i) => covariance[i * n + i] as number)
}

/**
 * The distribution after a generation: its points from the best to the worst, of which the first `usable` have a loss.
 */
export const updated = (
  before: CmaDistribution,
  points: readonly SearchVector[],
  usable: number,
  generation: number,
  constants: CmaConstants,
  isDiagonal: boolean
): CmaDistribution => {
  const { mu, weights, muEff, cc, cs, c1, cMu } = constants
  const { sigma, mean: old } = before
  const n = old.length
  const steps = points.map((x) => x.map((value, i) => (value - (old[i] as number)) / sigma))

  // A trial that failed draws nothing near.
  const selected = weights.slice(0, Math.min(mu, usable))
  const total = selected.reduce((all, w) => all + w, 0)
  const shift = old.map((_, i) => selected.reduce((all, w, k) => all + (w / total) * (steps[k]?.[i] as number), 0))
  const mean = old.map((value, i) => value + sigma * (shift[i] as number))

  const white = whitened(before, shift)
  const ahead = Math.sqrt(cs * (2 - cs) * muEff)
  const stepPath = before.stepPath.map((p, i) => (1 - cs) * p + ahead * (white[i] as number))
  const length = Math.sqrt(squared(stepPath))
  const faded = 1 - powered(1 - cs, 2 * generation)
  const moves = (length * length) / faded / n - 1 < 1 + 4 / (n + 1)
  const along = moves ? Math.sqrt(cc * (2 - cc) * muEff) : 0
  const c1Kept = moves ? c1 : c1 * (1 - cc * (2 - cc))

  const next = isDiagonal
    ? diagonalAfter(before, steps, shift, along, c1Kept, constants)
    : fullAfter(before, steps, shift, along, c1, c1Kept, cMu, constants)
  const after = { ...before, ...next, mean, stepPath, sigma: sigma * stepFactor(length, constants) }
  if (isDiagonal) return after
  const gap = 1 / (c1 + cMu) / n / 10
  return generation - before.decomposedAt > gap ? decomposed(after, generation) : after
}

const powered = (x: number, times: number): number => {
  let power = 1
  for (let i = 0; i < times && power > 1e-20; i++) power *= x
  return power
}

type After = Pick<CmaDistribution, 'covariance' | 'path' | 'lengths'>

const fullAfter = (
  before: CmaDistribution,
  steps: readonly SearchVector[],
  shift: SearchVector,
  along: number,
  c1: number,
  c1Kept: number,
  cMu: number,
  { cc, weights }: CmaConstants
): After => {
  const n = shift.length
  const path = before.path.map((p, i) => (1 - cc) * p + along * (shift[i] as number))
  const rates = weights.map((w, k) => {
    if (w >= 0) return cMu * w
    // What counts against is taken at one length, so that C stays positive.
    const size = Math.sqrt(squared(whitened(before, steps[k] as SearchVector))) + 1e-9
    return (cMu * w * n) / (size * size)
  })
  const decay = 1 - c1Kept - cMu * weights.reduce((all, w) => all + w, 0)
  const covariance = new Array<number>(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = decay * (before.covariance[i * n + j] as number) + c1 * (path[i] as number) * (path[j] as number)
      for (let k = 0; k < rates.length; k++) {
        const step = steps[k] as SearchVector
        value += (rates[k] as number) * (step[i] as number) * (step[j] as number)
      }
      covariance[i * n + j] = value
      covariance[j * n + i] = value
    }
  }
  return { covariance, path, lengths: before.lengths }
}

/** Each axis grows by a factor, so that none becomes negative. The path is that of the axes at length 1. */
const diagonalAfter = (
  before: CmaDistribution,
  steps: readonly SearchVector[],
  shift: SearchVector,
  along: number,
  c1Kept: number,
  { cc, cMu, weights }: CmaConstants
): After => {
  const { lengths } = before
  const path = before.path.map((p, i) => (1 - cc) * p + (along * (shift[i] as number)) / (lengths[i] as number))
  const rates = [c1Kept, ...weights.map((w) => cMu * w)].map((rate) => Math.LN2 * rate)
  const all = rates.reduce((total, rate) => total + rate, 0)
  const next = lengths.map((length, i) => {
    let mean = -all
    rates.forEach((rate, k) => {
      const z = k === 0 ? (path[i] as number) : (steps[k - 1]?.[i] as number) / length
      mean += rate * z * z
    })
    return length * exp(Math.min(2, mean / 2))
  })
  return { covariance: next.map((length) => length * length), path, lengths: next }
}

/** The axes of the covariance and their lengths anew; of one that rounding made indefinite, with a little added to it. */
const decomposed = (distribution: CmaDistribution, generation: number): CmaDistribution => {
  const n = distribution.mean.length
  const before = distribution.lengths.reduce((least, x) => Math.min(least, x * x), Infinity)
  let { covariance } = distribution
  for (let tries = 0; tries < 60; tries++) {
    const { values, vectors } = force({ ...eigh(ndarray(Float64Array.from(covariance), [n, n])) }) as {
      readonly values: { readonly data: Float64Array }
      readonly vectors: { readonly data: Float64Array }
    }
    if (values.data.every((value) => value > 0)) {
      const lengths = Array.from(values.data, Math.sqrt)
      return { ...distribution, covariance, axes: Array.from(vectors.data), lengths, decomposedAt: generation }
    }
    const added = before * 2 ** tries
    covariance = covariance.map((value, i) => (i % (n + 1) === 0 ? value + added : value))
  }
  return distribution
}
