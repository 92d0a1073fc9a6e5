import {
  check,
  InvalidOption,
  inClosedUnitInterval,
  type Key,
  nonNegative,
  nonNegativeInteger,
  optional,
  positive,
  positiveInteger,
  show,
  type TreeOf,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { boundsOrNull, clipped, type SearchBounds, type SearchBox } from '../internal/box.js'
import { normals, uniforms } from '../internal/draws.js'
import { leavesOf, type ParamsForm, type SearchVector } from '../internal/flat.js'
import { type FlatStrategy, overTrees, type TreeSearchState } from '../internal/overTrees.js'
import { type EvaluatedPoint, lossOf, memberOf, regionOf, scattered, stillFlat } from '../internal/population.js'
import { atLeast } from '../internal/requirements.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** Options of {@link geneticAlgorithm}. */
export interface GeneticAlgorithmOptions {
  /** How many members the population has, a whole number ≥ 2. @defaultValue `50` */
  readonly populationSize?: number | undefined
  /** Which params are whole numbers: `true` or `false` for all, or a tree of them, of which a leaf may stand for all below it. @defaultValue `false` */
  readonly discrete?: TreeOf<boolean> | undefined
  /** How many members a parent is the best of, a whole number ≥ 1. @defaultValue `3` */
  readonly tournament?: number | undefined
  /** The probability that a child has two parents, in `[0, 1]`. @defaultValue `0.9` */
  readonly crossover?: number | undefined
  /** By what share of their distance a child may be beyond its parents, finite and ≥ 0. @defaultValue `0.5` */
  readonly blend?: number | undefined
  /** The probability that an element of a child is changed, in `[0, 1]`. @defaultValue `1 / n` */
  readonly mutation?: number | undefined
  /** How many of the best live on, a whole number ≥ 0 below populationSize. @defaultValue `1` */
  readonly elites?: number | undefined
  /** How far from the start the first members are in each element without a bound on that side, finite and > 0. @defaultValue `1` */
  readonly spread?: number | undefined
  /** It stops after so many generations without a better loss, a whole number ≥ 1. @defaultValue `50` */
  readonly patience?: number | undefined
  /** What the params are kept between. @defaultValue `null` */
  readonly bounds?: SearchBounds | null | undefined
}

/** What {@link geneticAlgorithm} keeps. */
export interface GeneticAlgorithmInner {
  /** Which elements are whole numbers. */
  readonly discrete: readonly boolean[]
  /** The start, until the first population is told; `null` from then on. */
  readonly start: SearchVector | null
  /** The population, the best first; empty before it is told. */
  readonly members: readonly EvaluatedPoint[]
  /** How many generations in a row brought nothing better. */
  readonly waited: number
  /** The first finite loss. */
  readonly first: number | null
  /** Whether all losses so far are the same. */
  readonly isFlat: boolean
}

/** State of {@link geneticAlgorithm}. */
export type GeneticAlgorithmState = TreeSearchState<GeneticAlgorithmInner>

/**
 * A population whose better members have children: each is between its parents, with an element changed here and there. For params of which some are whole
 * numbers, or choices among which are no distances.
 *
 * The first population is the start and what is drawn uniformly within the bounds, or `spread` around the start. Of each generation the `elites` best live on, and the rest are
 * children. A parent is the best of `tournament` members drawn at random. With parents a and b, and u uniform in [0, 1):
 *
 *     real       child = min(a, b) − β |a − b| + u (1 + 2 β) |a − b|            changed: plus a normal number times the standard deviation of the population
 *     discrete   child = a or b                                             changed: any other within the bounds, or ±1 without them
 *
 * with β = `blend`. It stops after `patience` generations without a better loss: with `'decrease'` when all members are equally good, `'flat'` when moreover all that was told is the same, and
 * else with `'stagnation'`.
 *
 * Laws: what keeps the order of losses changes nothing; a permutation of what is told changes nothing; a translated problem is searched alike, with its bounds; what is discrete is
 * evaluated at whole numbers only.
 *
 * @example
 * // How many of each thing fit, by their weights and worths: as good as possible in a sack of 20.
 * const weights = [3, 4, 5, 7]
 * const worths = [4, 5, 7, 10]
 * const total = (x: readonly number[], each: readonly number[]) => x.reduce((sum, count, i) => sum + count * (each[i] ?? 0), 0)
 * const loss = (x: readonly number[]) => (total(x, weights) > 20 ? NaN : -total(x, worths))
 * const strategy = geneticAlgorithm<readonly number[]>({ discrete: true, bounds: { lower: 0, upper: 6 } })
 * const found = search(loss, [0, 0, 0, 0], strategy, { key: 0 })
 * found.loss // => -28
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds or `discrete` do not fit the params.
 * @see Eshelman and Schaffer (1993), Real-coded genetic algorithms and interval-schemata, for the blend of real numbers
 */
export const geneticAlgorithm = <P>(
  options: GeneticAlgorithmOptions = {}
): SearchStrategy<P, GeneticAlgorithmState> => {
  const chosen = withDefaults('geneticAlgorithm', options, {
    populationSize: 50,
    discrete: false as TreeOf<boolean>,
    tournament: 3,
    crossover: 0.9,
    blend: 0.5,
    mutation: undefined as number | undefined,
    elites: 1,
    spread: 1,
    patience: 50,
    bounds: null as SearchBounds | null
  })
  const { populationSize, discrete, tournament, crossover, blend, mutation, elites, spread, patience, bounds } = chosen
  check('geneticAlgorithm', { populationSize }, atLeast(2))
  check('geneticAlgorithm', { tournament, patience }, positiveInteger)
  check('geneticAlgorithm', { crossover }, inClosedUnitInterval)
  check('geneticAlgorithm', { mutation }, optional(inClosedUnitInterval))
  check('geneticAlgorithm', { blend }, nonNegative)
  check('geneticAlgorithm', { elites }, nonNegativeInteger)
  check('geneticAlgorithm', { spread }, positive)
  check('geneticAlgorithm', { bounds }, boundsOrNull)
  if (elites >= populationSize) {
    throw new InvalidOption(`geneticAlgorithm: elites must be below populationSize, got ${elites} of ${populationSize}`)
  }

  const flat: FlatStrategy<GeneticAlgorithmInner> = {
    asksStart: true,
    init: (start, box, form) => {
      const isWhole = discreteOf(form, discrete)
      isWhole.forEach((isOne, i) => {
        const [low, high] = [box?.lower[i] ?? -Infinity, box?.upper[i] ?? Infinity]
        if (!isOne || Math.ceil(low) <= Math.floor(high)) return
        throw new InvalidOption(
          `geneticAlgorithm: bounds of a discrete param must have a whole number between them, got ${low} and ${high}`
        )
      })
      return { discrete: isWhole, start: whole(start, isWhole, box), members: [], waited: 0, first: null, isFlat: true }
    },
    ask: (inner, key, box) => {
      if (inner.start !== null) {
        const region = regionOf('geneticAlgorithm', inner.start, box, spread)
        const drawn = scattered(key, populationSize - 1, region).map((x) => whole(x, inner.discrete, box))
        return [[inner.start, ...drawn], inner]
      }
      const deviations = deviationsOf(inner.members)
      const rate = mutation ?? 1 / deviations.length
      const children = Array.from({ length: populationSize - elites }, (_, k) =>
        childOf(inner, random.foldIn(key, k), box, deviations, { tournament, crossover, blend, rate })
      )
      return [children, inner]
    },
    tell: (inner, points, losses) => {
      const told = points.map((x, i) => memberOf(x, losses[i] as number))
      const all = [...inner.members.slice(0, elites), ...told]
      const members = all.sort((a, b) => (lossOf(a) === lossOf(b) ? 0 : lossOf(a) - lossOf(b)))
      const before = inner.members[0]
      const isBetter = before === undefined || lossOf(members[0] as EvaluatedPoint) < lossOf(before)
      return { ...inner, ...stillFlat(inner, losses), start: null, members, waited: isBetter ? 0 : inner.waited + 1 }
    },
    stopped: ({ members, waited, isFlat }) => {
      if (waited < patience) return null
      if (isFlat) return 'flat'
      return lossOf(members[0] as EvaluatedPoint) === lossOf(members[members.length - 1] as EvaluatedPoint)
        ? 'decrease'
        : 'stagnation'
    }
  }
  return overTrees('geneticAlgorithm', bounds, flat)
}

const discreteOf = (form: ParamsForm, discrete: TreeOf<boolean>): boolean[] => {
  const values = tree.leaves(tree.expandPrefix(discrete, form, 'geneticAlgorithm', ['discrete', 'params']))
  return leavesOf(form).flatMap(({ size }, leaf) => {
    const value = values[leaf]
    if (typeof value !== 'boolean') {
      throw new InvalidOption(`geneticAlgorithm: discrete must be true or false for each param, got ${show(value)}`)
    }
    return new Array<boolean>(size).fill(value)
  })
}

/** A point with whole numbers where these are wanted, inside the bounds. */
const whole = (x: SearchVector, discrete: readonly boolean[], box: SearchBox | null): number[] =>
  clipped(x, box).map((value, i) => {
    if (!discrete[i]) return value
    const rounded = Math.round(value)
    const low = box?.lower[i] ?? -Infinity
    const high = box?.upper[i] ?? Infinity
    return rounded < low ? Math.ceil(low) : rounded > high ? Math.floor(high) : rounded
  })

const deviationsOf = (members: readonly EvaluatedPoint[]): number[] =>
  (members[0] as EvaluatedPoint).x.map((_, i) => {
    const values = members.map(({ x }) => x[i] as number)
    const mean = values.reduce((total, value) => total + value, 0) / values.length
    return Math.sqrt(values.reduce((total, value) => total + (value - mean) * (value - mean), 0) / values.length)
  })

interface Breeding {
  readonly tournament: number
  readonly crossover: number
  readonly blend: number
  readonly rate: number
}

const childOf = (
  { members, discrete }: GeneticAlgorithmInner,
  key: Key,
  box: SearchBox | null,
  deviations: SearchVector,
  { tournament, crossover, blend, rate }: Breeding
): SearchVector => {
  const n = deviations.length
  const [forParents, forElements, forChanges] = random.split(key, 3) as readonly [Key, Key, Key]
  const drawn = uniforms(forParents, 2 * tournament + 1)
  // Members are sorted: the best of some is the first of them.
  const parent = (from: number): SearchVector => {
    let best = members.length
    for (let k = 0; k < tournament; k++) {
      best = Math.min(best, Math.floor((drawn[from + k] as number) * members.length))
    }
    return (members[best] as EvaluatedPoint).x
  }
  const a = parent(0)
  const b = (drawn[2 * tournament] as number) < crossover ? parent(tournament) : a
  const u = uniforms(forElements, 3 * n)
  const z = normals(forChanges, n)
  const child = a.map((value, i) => {
    const other = b[i] as number
    const [along, chance, place] = [u[3 * i] as number, u[3 * i + 1] as number, u[3 * i + 2] as number]
    const isChanged = chance < rate
    if (discrete[i]) {
      const kept = along < 0.5 ? value : other
      return isChanged ? otherThan(kept, place, box?.lower[i] ?? null, box?.upper[i] ?? null) : kept
    }
    const distance = Math.abs(value - other)
    const mixed = Math.min(value, other) - blend * distance + along * (1 + 2 * blend) * distance
    return isChanged ? mixed + (deviations[i] as number) * (z[i] as number) : mixed
  })
  return whole(child, discrete, box)
}

/** Another whole number: any within bounds, the next one on either side without. */
const otherThan = (value: number, place: number, lower: number | null, upper: number | null): number => {
  if (lower === null || upper === null) return place < 0.5 ? value - 1 : value + 1
  const low = Math.ceil(lower)
  const count = Math.floor(upper) - low
  if (count < 1) return value
  const drawn = low + Math.floor(place * count)
  return drawn >= value ? drawn + 1 : drawn
}
