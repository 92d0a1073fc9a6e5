import { exp, log, pow } from '@gradchain/core/numbers'

/** The strategy parameters of CMA-ES for a number of elements and a size of the population. */
export interface CmaConstants {
  /** How many of the best have a positive weight, μ. */
  readonly mu: number
  /** The weight of each rank: those of the first μ add up to 1, the others are negative. */
  readonly weights: readonly number[]
  /** The variance effective size of what is selected, μeff = 1 / Σ wᵢ² over the positive weights. */
  readonly muEff: number
  /** The rate c₁ of the rank-one update. */
  readonly c1: number
  /** The rate cμ of the rank-μ update. */
  readonly cMu: number
  /** The rate of the path of the covariance, cc. */
  readonly cc: number
  /** The rate of the path of the step, cσ. */
  readonly cs: number
  /** The damping of the step, dσ. */
  readonly damping: number
  /** The expected length χₙ of a standard normal vector. */
  readonly chi: number
}

/** How long a run may take. */
export interface CmaLimits {
  /** So many generations a run takes at most. */
  readonly maxIterations: number
  /** Over so many generations nothing must become better to be called stagnation. */
  readonly stagnation: number
}

const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0)

const usualPopulation = (n: number): number => 4 + 3 * log(n)

/** The size of the population where none is given: ⌊4 + 3 ln n⌋. */
export const defaultPopulation = (n: number): number => Math.floor(usualPopulation(n))

/** How long a run may take, whatever its population: it is the one asked for that counts, or the usual one, not rounded. */
export const limitsOf = (n: number, population: number | null): CmaLimits => {
  const lambda = population ?? usualPopulation(n)
  return {
    maxIterations: 100 + Math.floor((150 * (n + 3) * (n + 3)) / Math.sqrt(lambda)),
    stagnation: Math.floor(100 + (100 * n * Math.sqrt(n)) / lambda)
  }
}

/** The constants, those of pycma 4.5; of a diagonal covariance when asked for. */
export const constantsOf = (n: number, lambda: number, isDiagonal: boolean, isActive: boolean): CmaConstants => {
  const raw = Array.from({ length: lambda }, (_, i) => log((lambda + 1) / 2) - log(i + 1))
  const positive = raw.filter((w) => w > 0)
  const total = sum(positive)
  const mu = positive.length
  const kept = positive.map((w) => w / total)
  const muEff = 1 / sum(kept.map((w) => w * w))

  const c1Full = (Math.min(1, lambda / 6) * 2) / ((n + 1.3) * (n + 1.3) + muEff)
  const gained = 0.25 + muEff + 1 / muEff - 2
  const cMuFull = Math.min(1 - c1Full, (2 * gained) / ((n + 2) * (n + 2) + muEff))
  const rest = isActive ? negativeWeights(raw.slice(mu), n, muEff, c1Full, cMuFull) : raw.slice(mu).map(() => 0)

  const root = Math.sqrt(n)
  const c1Own = 1 / (n + 2 * root + muEff / n)
  const [c1, cMu, cc] = isDiagonal
    ? [
        c1Own,
        Math.min(1 - c1Own, gained / (n + 4 * root + muEff / 2)),
        (1 + 1 / n + muEff / n) / (root + 1 / n + (2 * muEff) / n)
      ]
    : [c1Full, cMuFull, (4 + muEff / n) / (n + 4 + (2 * muEff) / n)]
  const cs = Math.min(0.5, (muEff + 2) / (n + muEff + 3))
  return {
    mu,
    weights: [...kept, ...rest],
    muEff,
    c1,
    cMu,
    cc,
    cs,
    damping: dampingOf(n, lambda, muEff, cs),
    chi: root * (1 - 1 / (4 * n) + 1 / (21 * n * n))
  }
}

/** Negative weights as large as keeps the covariance from decaying by itself and positive definite. */
const negativeWeights = (raw: readonly number[], n: number, muEff: number, c1: number, cMu: number): number[] => {
  const size = -sum(raw)
  if (!(size > 0)) return [...raw]
  const effective = (size * size) / sum(raw.map((w) => w * w))
  const most = Math.min(
    1 + (2 * effective) / (muEff + 2),
    cMu > 0 ? Math.min(1 + c1 / cMu, (1 - c1 - cMu) / cMu / n) : Infinity
  )
  // Next to 0 in place of −0: the middle rank of an odd population has none.
  return raw.map((w) => (w === 0 ? 0 : (w / size) * most))
}

const dampingOf = (n: number, lambda: number, muEff: number, cs: number): number => {
  // pycma mirrors some of a population below 6.
  const mirrored = lambda < 6 ? Math.floor(0.5 + 0.16 * Math.min(lambda, 2 * n + 2) + 0.29) : 0
  const off = mirrored / (0.159 * lambda) - 1
  const within = Math.max(1, 3 * (1 - pow(0.5, n / 9)))
  return 0.5 + Math.min(1, off * off) / 2 + 2 * Math.max(0, within * Math.sqrt((muEff - 1) / (n + 1)) - 1) + cs
}

/** e^x for the step. */
export const stepFactor = (length: number, { cs, damping, chi }: CmaConstants): number =>
  exp(Math.max(-1, Math.min(1, (cs / damping) * (length / chi - 1))))
