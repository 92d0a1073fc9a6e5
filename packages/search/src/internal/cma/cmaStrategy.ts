import type { Key } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as random from '@gradchain/core/random'
import type { StopReason } from '../../loop/searchStrategy.js'
import type { SearchBox } from '../box.js'
import { normals, uniforms } from '../draws.js'
import type { SearchVector } from '../flat.js'
import type { FlatStrategy } from '../overTrees.js'
import { type CmaConstants, type CmaLimits, constantsOf, defaultPopulation, limitsOf } from './constants.js'
import { type CmaDistribution, directionOf, initialDistribution, updated } from './distribution.js'
import { intoBox, outOfBox } from './linQuad.js'
import { type CmaHistory, emptyHistory, remembered, stopOf, type Tolerances } from './stops.js'

/** What CMA-ES keeps. */
export interface CmaInner {
  /** The start, in which bounds do not count: every run begins there. */
  readonly origin: SearchVector
  /** The runs that ended, and how many evaluations those with small and with large populations took. */
  readonly ended: {
    readonly runs: number
    readonly smallRuns: number
    readonly smallEvaluations: number
    readonly largeEvaluations: number
  }
  /** Whether this run is one of those with a small population. */
  readonly isSmall: boolean
  /** How many candidates there are in a generation of this run. */
  readonly population: number
  /** The step that this run began with. */
  readonly sigma0: number
  /** So many generations this run takes at most. */
  readonly maxIterations: number
  /** How many generations of this run were told. */
  readonly generation: number
  /** The distribution that is drawn from. */
  readonly distribution: CmaDistribution
  /** What this run remembers. */
  readonly history: CmaHistory
  /** What was drawn and is to be told, in which bounds do not count. */
  readonly drawn: readonly SearchVector[]
  /** Why this run stopped. */
  readonly stop: StopReason | null
}

/** What both kinds of CMA-ES are told. */
export interface CmaSettings extends Tolerances {
  readonly sigma: number
  readonly population: number | null
  readonly restarts: number
  readonly restartWith: 'ipop' | 'bipop'
  readonly growth: number
  readonly isActive: boolean
  readonly isDiagonal: boolean
}

/** CMA-ES over lists of numbers, with a full or a diagonal covariance. */
export const cmaStrategy = (settings: CmaSettings): FlatStrategy<CmaInner> => {
  const { sigma, isActive, isDiagonal, restarts } = settings
  const constantsFor = (n: number, lambda: number): CmaConstants => constantsOf(n, lambda, isDiagonal, isActive)
  const limitsFor = (n: number): CmaLimits => limitsOf(n, settings.population)

  const run = (origin: SearchVector, population: number, factor: number): Omit<CmaInner, 'ended' | 'isSmall'> => ({
    origin,
    population,
    sigma0: factor * sigma,
    maxIterations: limitsFor(origin.length).maxIterations,
    generation: 0,
    distribution: initialDistribution(origin, factor * sigma, isDiagonal),
    history: emptyHistory(origin),
    drawn: [],
    stop: null
  })

  const first = (start: SearchVector, box: SearchBox | null): CmaInner => ({
    ...run(outOfBox(start, box), settings.population ?? Math.max(4, defaultPopulation(start.length)), 1),
    ended: { runs: 0, smallRuns: 0, smallEvaluations: 0, largeEvaluations: 0 },
    isSmall: true
  })

  const restarted = (before: CmaInner, key: Key): CmaInner => {
    const { origin } = before
    const ended = afterRun(before)
    const initial = settings.population ?? Math.max(4, defaultPopulation(origin.length))
    const grown = initial * growthTo(settings.growth, ended.runs - ended.smallRuns)
    const isSmall = settings.restartWith === 'bipop' && ended.smallEvaluations < Math.max(1, ended.largeEvaluations)
    if (!isSmall) return { ...run(origin, Math.floor(grown), 1), ended, isSmall }

    const [u, v] = uniforms(key, 2) as unknown as readonly [number, number]
    const large = growthTo(settings.growth, ended.runs - ended.smallRuns - 1)
    const population = Math.floor(initial * pow(large, v * v))
    const next = run(origin, population, pow(0.01, u))
    const maxIterations = Math.min(next.maxIterations, Math.floor((0.5 * ended.largeEvaluations) / population))
    return { ...next, maxIterations, ended: { ...ended, smallRuns: ended.smallRuns + 1 }, isSmall }
  }

  return {
    asksStart: false,
    init: first,
    ask: (inner, key, box) => {
      const [own, other] = random.split(key)
      const current = inner.stop === null ? inner : restarted(inner, other)
      const { distribution, population, origin } = current
      const n = origin.length
      const z = normals(own, population * n)
      const drawn = Array.from({ length: population }, (_, k) => {
        const step = directionOf(distribution, Array.from(z.subarray(k * n, (k + 1) * n)))
        return step.map((value, i) => (distribution.mean[i] as number) + distribution.sigma * value)
      })
      return [drawn.map((x) => intoBox(x, box)), { ...current, drawn }]
    },
    tell: (inner, _points, losses) => {
      const generation = inner.generation + 1
      const constants = constantsFor(inner.origin.length, inner.population)
      const order = Array.from(losses, (_, i) => i).sort((i, j) => {
        const [a, b] = [losses[i] as number, losses[j] as number]
        return a === b ? i - j : a - b
      })
      const ranked = order.map((i) => losses[i] as number)
      const usable = ranked.filter((loss) => loss < Infinity).length
      const before = inner.distribution
      // Nothing was learnt, but that it is better to stay near.
      const distribution =
        usable === 0
          ? { ...before, sigma: before.sigma / 2 }
          : updated(
              before,
              order.map((i) => inner.drawn[i] as SearchVector),
              usable,
              generation,
              constants,
              isDiagonal
            )
      const history = remembered(inner.history, ranked, generation, distribution.mean)
      const stop =
        stopOf(distribution, history, ranked, generation, inner.sigma0, limitsFor(inner.origin.length), settings) ??
        (generation >= inner.maxIterations ? 'budget' : null)
      return { ...inner, generation, distribution, history, drawn: [], stop }
    },
    stopped: (inner) => {
      if (inner.stop === null) return null
      const { runs, smallRuns } = afterRun(inner)
      return runs - smallRuns > restarts ? inner.stop : null
    }
  }
}

const afterRun = ({ ended, isSmall, generation, population }: CmaInner): CmaInner['ended'] => {
  const evaluations = generation * population
  return {
    runs: ended.runs + 1,
    smallRuns: ended.smallRuns,
    smallEvaluations: ended.smallEvaluations + (isSmall ? evaluations : 0),
    largeEvaluations: ended.largeEvaluations + (isSmall ? 0 : evaluations)
  }
}

const growthTo = (growth: number, times: number): number => {
  let factor = 1
  for (let i = 0; i < times; i++) factor *= growth
  return factor
}
