import type { StopReason } from '../../loop/searchStrategy.js'
import type { SearchVector } from '../flat.js'
import type { CmaLimits } from './constants.js'
import { type CmaDistribution, variancesOf } from './distribution.js'

/** What a run remembers to know when to stop. Losses that are no numbers are `null`. */
export interface CmaHistory {
  /** The best losses of the last generations, the last first. */
  readonly recent: readonly (number | null)[]
  /** The best loss of every fifth generation, the last first. */
  readonly bests: readonly (number | null)[]
  /** The median loss of the same. */
  readonly medians: readonly (number | null)[]
  /** The best loss of the run. */
  readonly least: number | null
  /** In which generation it was found. */
  readonly leastAt: number
  /** Whether all losses of the run are the same. */
  readonly isFlat: boolean
  /** For how many generations in a row the best and the third quarter of the losses were the same. */
  readonly flatFor: number
  /** Where the mean was when it last moved, and in which generation. */
  readonly anchor: { readonly mean: SearchVector; readonly at: number }
}

/** A run without a past. */
export const emptyHistory = (mean: SearchVector): CmaHistory => ({
  recent: [],
  bests: [],
  medians: [],
  least: null,
  leastAt: 0,
  isFlat: true,
  flatFor: 0,
  anchor: { mean, at: 0 }
})

/** So many of every fifth generation are kept. */
const MOST_KEPT = 2000

const numberOrNull = (loss: number): number | null => (Number.isFinite(loss) ? loss : null)

const distance = (a: SearchVector, b: SearchVector): number => {
  let total = 0
  for (let i = 0; i < a.length; i++)
    total += ((a[i] as number) - (b[i] as number)) * ((a[i] as number) - (b[i] as number))
  return Math.sqrt(total)
}

/** After how many generations without a movement of the mean a run stops. */
const patience = (generation: number): number => 20 + 0.1 * generation

/** The history after the losses of a generation, from the best to the worst. */
export const remembered = (
  before: CmaHistory,
  losses: SearchVector,
  generation: number,
  mean: SearchVector
): CmaHistory => {
  const lambda = losses.length
  const best = losses[0] as number
  const half = Math.floor(lambda / 2)
  const median =
    lambda % 2 === 1 ? (losses[half] as number) : ((losses[half - 1] as number) + (losses[half] as number)) / 2
  const isFifth = generation % 5 === 0
  const kept = (list: readonly (number | null)[], loss: number) =>
    isFifth ? [numberOrNull(loss), ...list].slice(0, MOST_KEPT) : list
  const isBetter = best < (before.least ?? Infinity)
  const last = losses[lambda - 1] as number
  const reach = 1e-9 * Math.sqrt(Math.max(1, (generation - before.anchor.at) / patience(generation)))
  return {
    recent: [numberOrNull(best), ...before.recent].slice(0, 10 + Math.floor((30 * mean.length) / lambda)),
    bests: kept(before.bests, best),
    medians: kept(before.medians, median),
    least: isBetter ? best : before.least,
    leastAt: isBetter ? generation : before.leastAt,
    isFlat: before.isFlat && best === last && (before.least === null || before.least === best),
    flatFor: best === (losses[Math.floor(0.75 * lambda)] as number) && best < Infinity ? before.flatFor + 1 : 0,
    anchor: distance(before.anchor.mean, mean) > reach ? { mean, at: generation } : before.anchor
  }
}

const rangeOf = (losses: readonly (number | null)[]): number => {
  let least = Infinity
  let most = -Infinity
  for (const loss of losses) {
    if (loss === null) return Infinity
    least = Math.min(least, loss)
    most = Math.max(most, loss)
  }
  return most - least
}

const medianOf = (losses: readonly (number | null)[]): number => {
  const sorted = losses.map((loss) => loss ?? Infinity).sort((a, b) => (a === b ? 0 : a - b))
  const half = sorted.length / 2
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(half)] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2
}

/** How close losses and params must be for a run to stop. */
export interface Tolerances {
  readonly tolFun: number
  readonly tolFunHist: number
  readonly tolX: number
}

/** Why a run stops after a generation, or `null`. The losses are from the best to the worst. */
export const stopOf = (
  distribution: CmaDistribution,
  history: CmaHistory,
  losses: SearchVector,
  generation: number,
  sigma0: number,
  limits: CmaLimits,
  { tolFun, tolFunHist, tolX }: Tolerances
): StopReason | null => {
  const { mean, sigma, lengths, axes, path } = distribution
  const n = mean.length
  const deviations = variancesOf(distribution).map((variance) => sigma * Math.sqrt(variance))
  const recent = rangeOf(history.recent)

  const isEven = rangeOf(losses.map(numberOrNull)) < tolFun && recent < tolFun
  if (isEven || (history.recent.length > 9 && recent < tolFunHist)) return history.isFlat ? 'flat' : 'decrease'
  if (deviations.every((d) => d < tolX) && path.every((p) => sigma * p < tolX)) return 'step'
  const i = generation % n
  const axis = (j: number): number => (axes === null ? (i === j ? 1 : 0) : (axes[j * n + i] as number))
  const isStill = mean.every((m, j) => m === m + 0.1 * sigma * (lengths[i] as number) * axis(j))
  if (isStill || mean.some((m, j) => m === m + 0.2 * (deviations[j] as number))) return 'step'
  if (generation - history.anchor.at > patience(generation)) return 'step'
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)]
  if (longest > 1e7 * shortest) return 'condition'
  if (deviations.some((d) => d > 1e3 * sigma0) || sigma / longest > 1e20 * sigma0) return 'diverged'
  if (history.flatFor > 1) return 'flat'
  if (isStagnant(history, generation, n, losses.length, limits)) return 'stagnation'
  return null
}

const isStagnant = (
  { bests, medians, leastAt }: CmaHistory,
  generation: number,
  n: number,
  lambda: number,
  { stagnation }: CmaLimits
): boolean => {
  const span = Math.floor(Math.max(stagnation / 10, bests.length / 10))
  if (bests.length <= 100 || 2 * span >= bests.length) return false
  if (generation <= n * (5 + 100 / lambda) || generation - leastAt <= stagnation / 2) return false
  const grew = (list: readonly (number | null)[]): boolean =>
    medianOf(list.slice(0, span)) >= medianOf(list.slice(span, 2 * span))
  return grew(medians) && grew(bests)
}
