import {
  check,
  inClosedUnitInterval,
  type Key,
  nonNegative,
  oneOf,
  positiveInteger,
  type Requirement,
  required,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import { boundsOrNull, type SearchBounds } from '../internal/box.js'
import { uniforms } from '../internal/draws.js'
import type { SearchVector } from '../internal/flat.js'
import { type FlatStrategy, overTrees, type TreeSearchState } from '../internal/overTrees.js'
import { bestOf, type EvaluatedPoint, lossOf, memberOf, needBounds, stillFlat } from '../internal/population.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** How {@link differentialEvolution} makes a trial: what it starts from, how many differences are added, and how it is crossed. */
export type DifferentialEvolutionStrategy =
  `${'best1' | 'best2' | 'rand1' | 'rand2' | 'randtobest1' | 'currenttobest1'}${'bin' | 'exp'}`

/** Options of {@link differentialEvolution}. */
export interface DifferentialEvolutionOptions {
  /** What the params are kept between: finite, on both sides of each. */
  readonly bounds: SearchBounds
  /** How a trial is made. @defaultValue `'best1bin'` */
  readonly strategy?: DifferentialEvolutionStrategy | undefined
  /** How many members the population has for each element, a whole number ≥ 1; there are at least five. @defaultValue `15` */
  readonly populationSize?: number | undefined
  /** The weight F of differences in `[0, 2)`, or a range of which each generation draws one. @defaultValue `[0.5, 1]` */
  readonly mutation?: number | readonly [least: number, most: number] | undefined
  /** The probability CR that an element is taken from the mutant, in `[0, 1]`. @defaultValue `0.7` */
  readonly recombination?: number | undefined
  /** It stops when the standard deviation of the losses is at most this share of their mean, finite and ≥ 0. @defaultValue `0.01` */
  readonly tol?: number | undefined
  /** And this much besides, finite and ≥ 0. @defaultValue `0` */
  readonly atol?: number | undefined
  /** How the first population is drawn. @defaultValue `'latinHypercube'` */
  readonly initial?: 'latinHypercube' | 'uniform' | undefined
  /**
   * When a trial takes the place of a member: `'deferred'` with the whole generation, which is asked for at once; `'immediate'` at once, one trial being
   * asked for at a time. @defaultValue `'deferred'`
   */
  readonly updating?: 'deferred' | 'immediate' | undefined
}

/** What {@link differentialEvolution} keeps. */
export interface DifferentialEvolutionInner {
  /** The population, the best first; in units of the bounds, from 0 to 1. Empty before it is drawn. */
  readonly members: readonly EvaluatedPoint[]
  /** The trials that are asked for, in the same units. */
  readonly trials: readonly SearchVector[]
  /** Of which member the next trial is, where they are made one at a time. */
  readonly next: number
  /** The weight F of this generation. */
  readonly weight: number
  /** The first finite loss. */
  readonly first: number | null
  /** Whether all losses so far are the same. */
  readonly isFlat: boolean
}

/** State of {@link differentialEvolution}. */
export type DifferentialEvolutionState = TreeSearchState<DifferentialEvolutionInner>

/**
 * Differential evolution: a population within bounds, whose members are crossed with differences of others. Robust and without a
 * step to choose, at the price of many evaluations; for some ten params whose bounds are known.
 *
 * For each member x, other members r₁ … r₅ drawn at random, the best b and F, drawn anew for each generation from `mutation`:
 *
 *     v = b + F (r₁ − r₂)                best1          v = b + F (r₁ + r₂ − r₃ − r₄)           best2
 *     v = r₁ + F (r₂ − r₃)               rand1          v = r₁ + F (r₂ + r₃ − r₄ − r₅)          rand2
 *     v = x + F (b − x + r₁ − r₂)        currenttobest1 v = r₁ + F (b − r₁ + r₂ − r₃)           randtobest1
 *
 * The trial has vⱼ in place of xⱼ with probability CR, and for one j at least: each by itself (`bin`) or a run of them (`exp`). What is outside of the bounds
 * is drawn anew within. The trial takes the place of x when its loss is not higher.
 *
 * The start is one of the first population, a latin hypercube: in each element every member is in a layer of its own. It stops with `'decrease'` when σ(losses) ≤ atol +
 * tol |mean(losses)|, as SciPy does; `'flat'` when all that was told is the same.
 *
 * Laws: what keeps the order of losses changes nothing but the end; a permutation of what is told changes nothing; translated with its bounds, or
 * scaled with them, a problem is searched alike.
 *
 * @example
 * const rosenbrock = ([x, y]: readonly [number, number]) => 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x)
 * const strategy = differentialEvolution<readonly [number, number]>({ bounds: { lower: -5, upper: 5 } })
 * const found = search(rosenbrock, [0, 0], strategy, { key: 0 })
 * found.reason // => 'decrease'
 * found.loss < 1e-6 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds do not fit the params or are not finite.
 * @see Storn and Price (1997), Differential Evolution: A Simple and Efficient Heuristic for Global Optimization over Continuous
 * Spaces, {@link https://doi.org/10.1023/A:1008202821328}. Strategies and defaults are SciPy's, without its polishing.
 */
export const differentialEvolution = <P>(
  options: DifferentialEvolutionOptions
): SearchStrategy<P, DifferentialEvolutionState> => {
  const { bounds, strategy, populationSize, mutation, recombination, tol, atol, initial, updating } = withDefaults(
    'differentialEvolution',
    options,
    {
      bounds: required as SearchBounds,
      strategy: 'best1bin' as DifferentialEvolutionStrategy,
      populationSize: 15,
      mutation: [0.5, 1] as number | readonly [number, number],
      recombination: 0.7,
      tol: 0.01,
      atol: 0,
      initial: 'latinHypercube' as 'latinHypercube' | 'uniform',
      updating: 'deferred' as 'deferred' | 'immediate'
    }
  )
  check('differentialEvolution', { bounds }, someBounds)
  check('differentialEvolution', { strategy }, oneOf(...STRATEGIES))
  check('differentialEvolution', { populationSize }, positiveInteger)
  check('differentialEvolution', { mutation }, weightOrRange)
  check('differentialEvolution', { recombination }, inClosedUnitInterval)
  check('differentialEvolution', { tol, atol }, nonNegative)
  check('differentialEvolution', { initial }, oneOf('latinHypercube', 'uniform'))
  check('differentialEvolution', { updating }, oneOf('deferred', 'immediate'))

  const isImmediate = updating === 'immediate'
  const [least, most] = typeof mutation === 'number' ? [mutation, mutation] : mutation

  const flat: FlatStrategy<DifferentialEvolutionInner> = {
    asksStart: true,
    init: (start, box) => {
      const { lower, upper } = needBounds('differentialEvolution', start, box)
      const first = start.map((x, i) => {
        const width = (upper[i] as number) - (lower[i] as number)
        return width === 0 ? 0 : (x - (lower[i] as number)) / width
      })
      return { members: [], trials: [first], next: 0, weight: least, first: null, isFlat: true }
    },
    ask: (inner, key, box) => {
      const { lower, upper } = box as { readonly lower: SearchVector; readonly upper: SearchVector }
      const inBounds = (x: SearchVector): SearchVector =>
        x.map((t, i) => (lower[i] as number) + t * ((upper[i] as number) - (lower[i] as number)))
      const [own, other] = random.split(key)
      if (inner.members.length === 0) {
        const start = inner.trials[0] as SearchVector
        const count = Math.max(5, populationSize * start.length)
        const drawn = (initial === 'uniform' ? uniformly : layered)(own, count, start.length)
        // The start again, where it was asked for and never told.
        const trials = [start, ...drawn.slice(1)]
        return [trials.map(inBounds), { ...inner, trials }]
      }
      const weight = inner.next === 0 ? least + (most - least) * (uniforms(other, 1)[0] as number) : inner.weight
      const made = { strategy, recombination, weight }
      const places = isImmediate ? [inner.next] : inner.members.map((_, i) => i)
      const trials = places.map((i) => trialOf(inner.members, i, random.foldIn(own, i), made))
      return [trials.map(inBounds), { ...inner, trials, weight }]
    },
    tell: (inner, _points, losses) => {
      const told = inner.trials.map((x, i) => memberOf(x, losses[i] as number))
      const flatness = stillFlat(inner, losses)
      if (inner.members.length === 0) return { ...inner, ...flatness, members: promoted(told) }
      const offset = isImmediate ? inner.next : 0
      const members = inner.members.map((member, i) => {
        const trial = told[i - offset]
        return trial !== undefined && trial.loss !== null && lossOf(trial) <= lossOf(member) ? trial : member
      })
      const next = isImmediate ? (inner.next + 1) % members.length : 0
      return { ...inner, ...flatness, members: promoted(members), next }
    },
    stopped: ({ members, next, isFlat }) => {
      if (members.length === 0 || next !== 0) return null
      const losses = members.map(lossOf)
      const mean = losses.reduce((total, loss) => total + loss, 0) / losses.length
      if (!Number.isFinite(mean)) return null
      const variance = losses.reduce((total, loss) => total + (loss - mean) * (loss - mean), 0) / losses.length
      if (!(Math.sqrt(variance) <= atol + tol * Math.abs(mean))) return null
      return isFlat ? 'flat' : 'decrease'
    }
  }
  return overTrees('differentialEvolution', bounds, flat)
}

const BASES = ['best1', 'best2', 'rand1', 'rand2', 'randtobest1', 'currenttobest1'] as const
const STRATEGIES = /* @__PURE__ */ BASES.flatMap((base) => [`${base}bin`, `${base}exp`])

const someBounds: Requirement = {
  what: 'an object of lower and upper',
  holds: (value) => value !== null && value !== undefined && boundsOrNull.holds(value)
}

const isWeight = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 2

const weightOrRange: Requirement = {
  what: 'in [0, 2) or a range in it',
  holds: (value) =>
    isWeight(value) ||
    (Array.isArray(value) && value.length === 2 && isWeight(value[0]) && isWeight(value[1]) && value[0] <= value[1])
}

/** The members with the best one first, in whose place comes what was first. */
const promoted = (members: readonly EvaluatedPoint[]): readonly EvaluatedPoint[] => {
  const best = bestOf(members)
  if (best === 0) return members
  return members.map((member, i) =>
    i === 0 ? (members[best] as EvaluatedPoint) : i === best ? (members[0] as EvaluatedPoint) : member
  )
}

const uniformly = (key: Key, count: number, n: number): SearchVector[] => {
  const u = uniforms(key, count * n)
  return Array.from({ length: count }, (_, k) => Array.from(u.subarray(k * n, (k + 1) * n)))
}

/** Points of which each is in a layer of its own, in every element. */
const layered = (key: Key, count: number, n: number): SearchVector[] => {
  const [within, order] = random.split(key)
  const u = uniforms(within, count * n)
  const layers = Array.from({ length: n }, (_, i) => random.permutation(random.foldIn(order, i), count))
  return Array.from({ length: count }, (_, k) =>
    Array.from({ length: n }, (_, i) => ((layers[i]?.[k] as number) + (u[k * n + i] as number)) / count)
  )
}

interface Made {
  readonly strategy: DifferentialEvolutionStrategy
  readonly recombination: number
  readonly weight: number
}

const trialOf = (
  members: readonly EvaluatedPoint[],
  place: number,
  key: Key,
  { strategy, recombination, weight }: Made
): SearchVector => {
  const count = members.length
  const x = (members[place] as EvaluatedPoint).x
  const n = x.length
  const u = uniforms(key, 2 * n + 6)
  const others = drawnOthers(count, place, u)
  const at = (k: number, j: number): number => (members[others[k] as number] as EvaluatedPoint).x[j] as number
  const best = (j: number): number => (members[0] as EvaluatedPoint).x[j] as number
  const own = (j: number): number => x[j] as number

  const mutants: Readonly<Record<(typeof BASES)[number], (j: number) => number>> = {
    best1: (j) => best(j) + weight * (at(0, j) - at(1, j)),
    best2: (j) => best(j) + weight * (at(0, j) + at(1, j) - at(2, j) - at(3, j)),
    rand1: (j) => at(0, j) + weight * (at(1, j) - at(2, j)),
    rand2: (j) => at(0, j) + weight * (at(1, j) + at(2, j) - at(3, j) - at(4, j)),
    randtobest1: (j) => at(0, j) + weight * (best(j) - at(0, j) + at(1, j) - at(2, j)),
    currenttobest1: (j) => own(j) + weight * (best(j) - own(j) + at(0, j) - at(1, j))
  }
  const mutant = mutants[strategy.slice(0, -3) as (typeof BASES)[number]]
  const fill = Math.floor((u[5] as number) * n)
  const crossed = strategy.endsWith('bin') ? each(n, fill, recombination, u) : run(n, fill, recombination, u)
  return x.map((value, j) => {
    if (!crossed[j]) return value
    const moved = mutant(j)
    return moved >= 0 && moved <= 1 ? moved : (u[6 + n + j] as number)
  })
}

const each = (n: number, fill: number, recombination: number, u: Float64Array): boolean[] =>
  Array.from({ length: n }, (_, j) => j === fill || (u[6 + j] as number) < recombination)

const run = (n: number, fill: number, recombination: number, u: Float64Array): boolean[] => {
  const crossed = new Array<boolean>(n).fill(false)
  for (let i = 0; i < n && (i === 0 || (u[6 + i] as number) < recombination); i++) crossed[(fill + i) % n] = true
  return crossed
}

/** Five places, other than the one and than each other; where there are too few members, some twice. */
const drawnOthers = (count: number, place: number, u: Float64Array): number[] => {
  const free = Array.from({ length: count }, (_, i) => i).filter((i) => i !== place)
  return Array.from({ length: 5 }, (_, k) => {
    const left = Math.max(1, free.length - k)
    const drawn = Math.floor((u[k] as number) * left)
    const found = free[drawn] as number
    const last = free.length - 1 - k
    if (last >= 0) {
      free[drawn] = free[last] as number
      free[last] = found
    }
    return found
  })
}
