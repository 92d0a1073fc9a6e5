import {
  boolean,
  check,
  inPositiveUnitInterval,
  type Key,
  nonNegativeInteger,
  positiveInteger,
  random,
  withDefaults
} from '@gradchain/core'
import { type Axis, drawnPlaces, type Point, pointAt } from '../internal/axes.js'
import { drawn, goodCount, logDensity, mixtureOf } from '../internal/parzen.js'
import { type Known, trialSearch } from '../internal/trialSearch.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch, TrialsState } from './types.js'

/** Options of {@link tpe}. */
export interface TpeOptions {
  /** How many trials are drawn at random before anything is learnt from them, a whole number ≥ 0; those that failed do not count. @defaultValue `10` */
  readonly startupTrials?: number | undefined
  /** Of how many draws the most promising is tried, a whole number ≥ 1. @defaultValue `24` */
  readonly candidates?: number | undefined
  /** Which share γ of the trials counts as good, in (0, 1]; never more than 25 of them. @defaultValue `0.1` */
  readonly goodShare?: number | undefined
  /** Whether hyperparameters are chosen together, so that those that fit each other are found; if not, each for itself. @defaultValue `true` */
  readonly multivariate?: boolean | undefined
  /** How many configurations one question gives, a whole number ≥ 1. @defaultValue `1` */
  readonly batch?: number | undefined
}

/**
 * The tree-structured Parzen estimator: it learns where good trials lie and where the others do, and tries what is likely among the
 * good and unlikely among the others.
 *
 *     good    the min(⌈γ n⌉, 25) best of n trials
 *     ℓ, g    a mixture of kernels at the good trials, and one at the others
 *     next    of some draws from ℓ, the one with the largest ℓ / g
 *
 * On a range of length 1 the kernel of a trial is a normal distribution cut off at the ends, as wide as the larger distance to the trial
 * next to it on either side, clipped to [1 / min(100, m + 1), 1] for a mixture of m kernels; one of them is that of all values alike, of
 * width 1 around the middle. Of a choice between k values, for n trials, the kernel gives its own value (1 + 1/(n + 1)) / (1 + k/(n + 1)) and
 * each other the rest alike. Kernels of the last 25 trials count in full, older ones less, down to 1/n for the oldest.
 *
 * Configurations that are waited for count among the others, so that several workers do not try the same. A trial that failed ranks
 * behind all others. Hyperparameters that are not in all configurations, those of variants, are learnt from the trials that have them.
 *
 * Laws: as long as all trials count in full and their losses differ, what is told in any order is the same; transformations of the losses that keep their order change
 * nothing; a range scaled and a choice renamed are searched alike.
 *
 * @example
 * const strategy = tpe(space({ x: uniform(-5, 5), y: uniform(-5, 5) }))
 * const found = search(({ x, y }) => (x - 1.3) ** 2 + (y + 0.7) ** 2, undefined, strategy, { key: 3, maxEvaluations: 60 })
 * found.loss < 0.05 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range or the space was not made by `space`; at `tell`, for a
 * candidate that is not of the space, with its path.
 * @see Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization,
 * {@link https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization}; the numbers are those of Optuna 5.0
 */
export const tpe = <Config>(
  space: Space<Config>,
  options: TpeOptions = {}
): ConfigSearch<Config, Config, TrialsState<Config>> => {
  const { startupTrials, candidates, goodShare, multivariate, batch } = withDefaults('tpe', options, {
    startupTrials: 10,
    candidates: 24,
    goodShare: 0.1,
    multivariate: true,
    batch: 1
  })
  check('tpe', { startupTrials }, nonNegativeInteger)
  check('tpe', { candidates, batch }, positiveInteger)
  check('tpe', { goodShare }, inPositiveUnitInterval)
  check('tpe', { multivariate }, boolean)

  return trialSearch('tpe', space, batch, (known, key) => {
    const { axes, trials } = known
    if (trials.filter(({ loss }) => loss < Infinity).length < Math.max(1, startupTrials)) return drawnPlaces(axes, key)
    const [good, others] = parted(known, goodShare)
    if (multivariate) return bestDraw(axes, good, others, candidates, key)
    // One axis after the other, each with its own draws.
    return axes.map((axis, i) => {
      const single = [{ ...axis, when: null }]
      const having = (points: readonly Point[]): readonly Point[] =>
        points.filter((point) => point[i] !== null).map((point) => [point[i] ?? null])
      return bestDraw(single, having(good), having(others), candidates, random.foldIn(key, i))[0] as number
    })
  })
}

/** The good points and the others, each with the oldest first; what is waited for is among the others. */
const parted = ({ trials, pending }: Known, share: number): readonly [readonly Point[], readonly Point[]] => {
  const ranked = trials.map((_, i) => i).sort((i, j) => byLoss(trials[i]?.loss ?? 0, trials[j]?.loss ?? 0) || i - j)
  const good = new Set(ranked.slice(0, goodCount(trials.length, share)))
  const points = trials.map(({ point }) => point)
  return [points.filter((_, i) => good.has(i)), [...points.filter((_, i) => !good.has(i)), ...pending]]
}

const byLoss = (a: number, b: number): number => (a === b ? 0 : a - b)

/** Of some draws from the good ones, the point that the good ones have most in advance of the others. */
const bestDraw = (
  axes: readonly Axis[],
  good: readonly Point[],
  others: readonly Point[],
  candidates: number,
  key: Key
): readonly number[] => {
  const [ofGood, ofOthers] = [mixtureOf(axes, good), mixtureOf(axes, others)]
  let best: readonly number[] = []
  let most = -Infinity
  for (let i = 0; i < candidates; i++) {
    const places = drawn(ofGood, random.foldIn(key, i))
    const point = pointAt(axes, places)
    const score = logDensity(ofGood, point) - logDensity(ofOthers, point)
    if (best.length === 0 || score > most) {
      best = places
      most = score
    }
  }
  return best
}
