import { check, type Key, nonNegativeInteger, positiveInteger, random, withDefaults } from '@gradchain/core'
import { type Axis, drawnPlaces, pointAt, sizeOf, unitNumbers } from '../internal/axes.js'
import { fittedScales, type GaussianProcess, predicted, processOf } from '../internal/gaussianProcess.js'
import { comparable, logImprovement } from '../internal/improvement.js'
import { type Known, trialSearch } from '../internal/trialSearch.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch, TrialsState } from './types.js'

/** Options of {@link bayesianOptimization}. */
export interface BayesianOptimizationOptions {
  /** How many trials are drawn at random before anything is learnt from them, a whole number ≥ 0; those that failed do not count. @defaultValue `10` */
  readonly startupTrials?: number | undefined
  /** How many configurations are drawn at random to find the one of the largest expected improvement, a whole number ≥ 1. @defaultValue `256` */
  readonly candidates?: number | undefined
  /** How many configurations one question gives, a whole number ≥ 1. @defaultValue `1` */
  readonly batch?: number | undefined
}

/**
 * Bayesian optimization: a Gaussian process says of every configuration which loss to expect and how unsure that is, and the one
 * whose loss is expected to fall furthest below the best is tried. For losses that take long to get: few trials, much computing between them.
 *
 *     k(x, x') = σ² ((1 + √5 r + 5/3 r²) exp(−√5 r) + η [x = x'])        r² = Σᵢ (xᵢ − x'ᵢ)² / ℓᵢ²
 *     EI(x)    = (f* − μ(x)) Φ(z) + s(x) φ(z)                            z = (f* − μ(x)) / s(x)
 *
 * Every hyperparameter has a range of length 1 and a length scale ℓᵢ of its own; two different values of a choice are 1 apart. The length
 * scales and the share of noise η are those of the largest likelihood of the losses, times a wide log-normal density around ℓ = 1/2, η = 10⁻⁶ for
 * when there is little to learn from; σ² is the likeliest for them. EI is maximized among random configurations, then by smaller and
 * smaller steps from the best of these.
 *
 * Losses are taken relative to their mean and deviation; a loss that is further above the median than five times the best below it
 * counts as if it were there, so that a run that diverged does not hide what the others differ in. A trial that failed counts as the worst of the
 * others. Configurations that are waited for count as if they had the best loss: the "constant liar".
 *
 * The cost of a question grows as the cube of the number of trials: use {@link tpe} for more than a few hundred.
 *
 * Laws: what is told in any order gives the same but for rounding; losses scaled and shifted by powers of two change nothing; a range
 * scaled and a choice renamed are searched alike; trials that repeat each other, equal losses and failed trials are survived.
 *
 * @example
 * const strategy = bayesianOptimization(space({ x: uniform(-5, 5), y: uniform(-5, 5) }), { startupTrials: 5 })
 * const bowl = ({ x, y }: { x: number; y: number }) => (x - 1.3) ** 2 + (y + 0.7) ** 2
 * search(bowl, undefined, strategy, { key: 1, maxEvaluations: 15 }).loss < 0.01 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range or the space was not made by `space`; at `tell`, for a
 * candidate that is not of the space, with its path.
 * @see Jones, Schonlau and Welch (1998), Efficient Global Optimization of Expensive Black-Box Functions; Snoek, Larochelle and
 * Adams (2012), Practical Bayesian Optimization of Machine Learning Algorithms, {@link https://arxiv.org/abs/1206.2944}
 * @see Ginsbourger, Le Riche and Carraro (2010), Kriging is well-suited to parallelize optimization, for the constant liar
 */
export const bayesianOptimization = <Config>(
  space: Space<Config>,
  options: BayesianOptimizationOptions = {}
): ConfigSearch<Config, Config, TrialsState<Config>> => {
  const { startupTrials, candidates, batch } = withDefaults('bayesianOptimization', options, {
    startupTrials: 10,
    candidates: 256,
    batch: 1
  })
  check('bayesianOptimization', { startupTrials }, nonNegativeInteger)
  check('bayesianOptimization', { candidates, batch }, positiveInteger)

  return trialSearch('bayesianOptimization', space, batch, (known, key) => {
    const { axes, trials } = known
    const finite = trials.filter(({ loss }) => loss < Infinity).length
    if (finite < Math.max(1, startupTrials)) return drawnPlaces(axes, key)
    const losses = comparable(trials.map(({ loss }) => loss))
    return mostPromising(axes, processWith(known, losses), losses, candidates, key)
  })
}

/** The process that knows the trials, and of what is waited for that it were as good as the best. */
const processWith = ({ axes, trials, pending }: Known, losses: readonly number[]): GaussianProcess => {
  const points = trials.map(({ point }) => point)
  const scales = fittedScales(axes, points, Float64Array.from(losses))
  const best = Math.min(...losses)
  const believed = Float64Array.from([...losses, ...pending.map(() => best)])
  return processOf(axes, [...points, ...pending], believed, scales)
}

const STARTS = 3
const ROUNDS = 24

/** The places of the largest expected improvement that a search finds. */
const mostPromising = (
  axes: readonly Axis[],
  process: GaussianProcess,
  losses: readonly number[],
  candidates: number,
  key: Key
): readonly number[] => {
  const best = Math.min(...losses)
  const incumbent = losses.indexOf(best)
  const scoreOf = (places: readonly number[]): number => {
    const [mean, deviation] = predicted(process, pointAt(axes, places))
    return logImprovement(best, mean, deviation)
  }
  const [forDraws, forSteps] = random.split(key)
  const drawn = Array.from({ length: candidates }, (_, i) => {
    const places = drawnPlaces(axes, random.foldIn(forDraws, i))
    return { places, score: scoreOf(places) }
  })
  const known = process.points[incumbent]?.map((u) => u ?? 0.5) ?? []
  const starts = [{ places: known, score: scoreOf(known) }, ...drawn.sort((a, b) => b.score - a.score).slice(0, STARTS)]
  const ends = starts.map((start, s) => {
    let here = start
    let width = 0.2
    for (let round = 0; round < ROUNDS; round++) {
      const own = random.foldIn(random.foldIn(forSteps, s), round)
      const tried = stepped(axes, here.places, width, own)
      const score = scoreOf(tried)
      if (score > here.score) here = { places: tried, score }
      else width *= 0.8
    }
    return here
  })
  return ends.reduce((a, b) => (b.score > a.score ? b : a)).places
}

/** Places near others: of values without order, now and then any of them. */
const stepped = (axes: readonly Axis[], places: readonly number[], width: number, key: Key): readonly number[] => {
  const [forSteps, forValues] = random.split(key)
  const normals = random.normal(forSteps, [axes.length], { dtype: 'float64' }).data
  const uniforms = unitNumbers(forValues, 2 * axes.length)
  return places.map((u, i) => {
    const { dimension } = axes[i] as Axis
    if (dimension.kind === 'choice') return (uniforms[2 * i] as number) < 0.3 ? (uniforms[2 * i + 1] as number) : u
    const least = 1 / sizeOf(dimension)
    return Math.min(1, Math.max(0, u + Math.max(width, least) * (normals[i] as number)))
  })
}
