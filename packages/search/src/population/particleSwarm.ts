import { check, inClosedUnitInterval, nonNegative, positive, withDefaults } from '@gradchain/core'
import * as random from '@gradchain/core/random'
import { boundsOrNull, clipped, type SearchBounds } from '../internal/box.js'
import { uniforms } from '../internal/draws.js'
import type { SearchVector } from '../internal/flat.js'
import { type FlatStrategy, overTrees, type TreeSearchState } from '../internal/overTrees.js'
import {
  bestOf,
  type EvaluatedPoint,
  lossOf,
  memberOf,
  regionOf,
  scattered,
  stillFlat
} from '../internal/population.js'
import { atLeast } from '../internal/requirements.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** Options of {@link particleSwarm}. */
export interface ParticleSwarmOptions {
  /** How many particles there are, a whole number ≥ 2. @defaultValue `40` */
  readonly populationSize?: number | undefined
  /** The share w of its velocity that a particle keeps, in `[0, 1]`. @defaultValue `0.7298` */
  readonly inertia?: number | undefined
  /** The pull c₁ to the best place of the particle itself, finite and ≥ 0. @defaultValue `1.49618` */
  readonly cognitive?: number | undefined
  /** The pull c₂ to the best place of all, finite and ≥ 0. @defaultValue `1.49618` */
  readonly social?: number | undefined
  /** How far from the start the first places are in each element without a bound on that side, finite and > 0. @defaultValue `1` */
  readonly spread?: number | undefined
  /** It stops when all places are this close to the best in each element, finite and ≥ 0. @defaultValue `1e-8` */
  readonly tolX?: number | undefined
  /** And when the best losses of half of the particles are this close to the best of all, finite and ≥ 0. @defaultValue `1e-12` */
  readonly tolFun?: number | undefined
  /** What the params are kept between. @defaultValue `null` */
  readonly bounds?: SearchBounds | null | undefined
}

/** What {@link particleSwarm} keeps. */
export interface ParticleSwarmInner {
  /** Where the particles are, the start first; as long as it alone is there, the others are not drawn. */
  readonly places: readonly SearchVector[]
  /** Where they go. */
  readonly velocities: readonly SearchVector[]
  /** The best place of each, and its loss. */
  readonly bests: readonly EvaluatedPoint[]
  /** The first finite loss. */
  readonly first: number | null
  /** Whether all losses so far are the same. */
  readonly isFlat: boolean
}

/** State of {@link particleSwarm}. */
export type ParticleSwarmState = TreeSearchState<ParticleSwarmInner>

/**
 * Particles that fly towards the best place that each has seen, and to the best that any has seen. For a first look over a wide region, and losses that need not
 * be smooth.
 *
 * Of each particle at x, which was best at p, with the best place g of all and r, s uniform in [0, 1) for each element:
 *
 *     v ← w v + c₁ r (p − x) + c₂ s (g − x)
 *     x ← x + v
 *
 * The first places are uniform within the bounds, or `spread` around the start, which is one of them; the first velocities are half the way from there to another such
 * place. A particle that meets a bound stays there, and its velocity across it is 0. With the defaults the swarm contracts by itself.
 *
 * It stops with `'decrease'` when those of half of the particles, and of two at least, are within tolFun of the best loss, with `'step'` when all are within tolX of the best place, and with `'flat'` when all that
 * was told is the same.
 *
 * Laws: what keeps the order of losses changes nothing; a permutation of what is told changes nothing; a translated problem is searched alike, with its
 * bounds.
 *
 * @example
 * const bowl = ({ x, y }: { x: number; y: number }) => (x - 1) * (x - 1) + 4 * (y + 2) * (y + 2)
 * const found = search(bowl, { x: 0, y: 0 }, particleSwarm({ spread: 5 }), { key: 0 })
 * found.reason // => 'decrease'
 * found.candidate.x.toFixed(5) // => '1.00000'
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds do not fit the params.
 * @see Kennedy and Eberhart (1995), Particle swarm optimization, {@link https://doi.org/10.1109/ICNN.1995.488968}; the constants
 * are of Clerc and Kennedy (2002), The particle swarm: explosion, stability, and convergence in a multidimensional complex space
 */
export const particleSwarm = <P>(options: ParticleSwarmOptions = {}): SearchStrategy<P, ParticleSwarmState> => {
  const { populationSize, inertia, cognitive, social, spread, tolX, tolFun, bounds } = withDefaults(
    'particleSwarm',
    options,
    {
      populationSize: 40,
      inertia: 0.7298,
      cognitive: 1.49618,
      social: 1.49618,
      spread: 1,
      tolX: 1e-8,
      tolFun: 1e-12,
      bounds: null as SearchBounds | null
    }
  )
  check('particleSwarm', { populationSize }, atLeast(2))
  check('particleSwarm', { inertia }, inClosedUnitInterval)
  check('particleSwarm', { cognitive, social, tolX, tolFun }, nonNegative)
  check('particleSwarm', { spread }, positive)
  check('particleSwarm', { bounds }, boundsOrNull)

  const flat: FlatStrategy<ParticleSwarmInner> = {
    asksStart: true,
    init: (start) => ({ places: [start], velocities: [], bests: [], first: null, isFlat: true }),
    ask: (inner, key, box) => {
      const start = inner.places[0] as SearchVector
      const [own, other] = random.split(key)
      if (inner.bests.length === 0) {
        const region = regionOf('particleSwarm', start, box, spread)
        const places = [start, ...scattered(own, populationSize - 1, region)]
        const velocities = scattered(other, populationSize, region).map((goal, k) =>
          goal.map((x, i) => (x - (places[k]?.[i] as number)) / 2)
        )
        return [places, { ...inner, places, velocities }]
      }
      const n = start.length
      const best = (inner.bests[bestOf(inner.bests)] as EvaluatedPoint).x
      const r = uniforms(own, populationSize * n)
      const s = uniforms(other, populationSize * n)
      const places: SearchVector[] = []
      const velocities = inner.velocities.map((velocity, k) => {
        const x = inner.places[k] as SearchVector
        const p = (inner.bests[k] as EvaluatedPoint).x
        const next = velocity.map((v, i) => {
          const at = x[i] as number
          return (
            inertia * v +
            cognitive * (r[k * n + i] as number) * ((p[i] as number) - at) +
            social * (s[k * n + i] as number) * ((best[i] as number) - at)
          )
        })
        const free = x.map((at, i) => at + (next[i] as number))
        const place = clipped(free, box)
        places.push(place)
        return next.map((v, i) => (place[i] === free[i] ? v : 0))
      })
      return [places, { ...inner, places, velocities }]
    },
    tell: (inner, _points, losses) => {
      const told = inner.places.map((x, i) => memberOf(x, losses[i] as number))
      const bests =
        inner.bests.length === 0
          ? told
          : inner.bests.map((best, i) =>
              lossOf(told[i] as EvaluatedPoint) < lossOf(best) ? (told[i] as EvaluatedPoint) : best
            )
      return { ...inner, ...stillFlat(inner, losses), bests }
    },
    stopped: ({ places, bests, isFlat }) => {
      if (bests.length === 0) return null
      const best = bests[bestOf(bests)] as EvaluatedPoint
      const near = bests.filter((one) => lossOf(one) - lossOf(best) <= tolFun).length
      // A particle may keep a place that is worse for ever: half of them are enough, but not the best one alone.
      if (near > 1 && 2 * near >= bests.length) return isFlat ? 'flat' : 'decrease'
      const isClose = places.every((x) => x.every((value, i) => Math.abs(value - (best.x[i] as number)) <= tolX))
      return isClose ? 'step' : null
    }
  }
  return overTrees('particleSwarm', bounds, flat)
}
