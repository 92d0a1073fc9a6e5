import { check, inUnitInterval, type Key, positive, withDefaults } from '@gradchain/core'
import { exp } from '@gradchain/core/numbers'
import * as random from '@gradchain/core/random'
import { boundsOrNull, clipped, type SearchBounds } from '../internal/box.js'
import { normals, uniforms } from '../internal/draws.js'
import type { SearchVector } from '../internal/flat.js'
import { type FlatStrategy, overTrees, type TreeSearchState } from '../internal/overTrees.js'
import { type EvaluatedPoint, lossOf, memberOf, stillFlat } from '../internal/population.js'
import type { SearchStrategy } from '../loop/searchStrategy.js'

/** Options of {@link simulatedAnnealing}. */
export interface SimulatedAnnealingOptions {
  /** The temperature T₀ at the start: how much worse a loss may be that is often accepted then, finite and > 0. @defaultValue `1` */
  readonly temperature?: number | undefined
  /** By what factor it falls with each trial, in `[0, 1)`. @defaultValue `0.99` */
  readonly cooling?: number | undefined
  /** The step σ at the start, finite and > 0. @defaultValue `0.5` */
  readonly sigma?: number | undefined
  /** It stops when the temperature is below this share of that at the start, in `[0, 1)`. @defaultValue `1e-12` */
  readonly coldest?: number | undefined
  /** What the params are kept between. @defaultValue `null` */
  readonly bounds?: SearchBounds | null | undefined
}

/** What {@link simulatedAnnealing} keeps. */
export interface SimulatedAnnealingInner {
  /** Where it is. Before that is told, the loss is `null`. */
  readonly current: EvaluatedPoint
  /** What is asked for. */
  readonly trial: SearchVector | null
  /** The number in [0, 1) that decides whether the trial is accepted. */
  readonly chance: number
  /** The temperature as a share of that at the start. */
  readonly heat: number
  /** Whether the start was told. */
  readonly hasStarted: boolean
  /** The first finite loss. */
  readonly first: number | null
  /** Whether all losses so far are the same. */
  readonly isFlat: boolean
}

/** State of {@link simulatedAnnealing}. */
export type SimulatedAnnealingState = TreeSearchState<SimulatedAnnealingInner>

/**
 * A walk at random that takes every step down, and steps up the more rarely the colder it is. One candidate at a time; for losses with many shallow minima.
 *
 * At the k-th trial, with z ~ N(0, I) and u uniform in [0, 1):
 *
 *     T = T₀ coolingᵏ        x′ = x + σ √(T / T₀) z
 *     x ← x′   when f(x′) ≤ f(x), or u < exp(−(f(x′) − f(x)) / T)
 *
 * What is outside the bounds is reflected at them. A trial that failed is never accepted. It stops with `'step'` when T is below `coldest` T₀, or with `'flat'` there when all
 * that was told is the same.
 *
 * Laws: a permutation of what is told changes nothing; a translated problem is searched alike; a constant added to f changes nothing but by rounding, and scaling f and T₀
 * alike does not either.
 *
 * @example
 * const wavy = (x: number) => x * x + 3 * Math.sin(5 * x) * Math.sin(5 * x)
 * const found = search(wavy, 3, simulatedAnnealing({ temperature: 2, sigma: 2 }), { key: 0 })
 * found.reason // => 'step'
 * found.loss < 1e-6 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; of `init` when bounds do not fit the params.
 * @see Kirkpatrick, Gelatt and Vecchi (1983), Optimization by Simulated Annealing,
 * {@link https://doi.org/10.1126/science.220.4598.671}
 */
export const simulatedAnnealing = <P>(
  options: SimulatedAnnealingOptions = {}
): SearchStrategy<P, SimulatedAnnealingState> => {
  const { temperature, cooling, sigma, coldest, bounds } = withDefaults('simulatedAnnealing', options, {
    temperature: 1,
    cooling: 0.99,
    sigma: 0.5,
    coldest: 1e-12,
    bounds: null as SearchBounds | null
  })
  check('simulatedAnnealing', { temperature, sigma }, positive)
  check('simulatedAnnealing', { cooling, coldest }, inUnitInterval)
  check('simulatedAnnealing', { bounds }, boundsOrNull)

  const flat: FlatStrategy<SimulatedAnnealingInner> = {
    asksStart: true,
    init: (start) => ({
      current: { x: start, loss: null },
      trial: null,
      chance: 0,
      heat: 1,
      hasStarted: false,
      first: null,
      isFlat: true
    }),
    ask: (inner, key: Key, box) => {
      const { x } = inner.current
      if (!inner.hasStarted) return [[x], { ...inner, trial: x }]
      const [own, other] = random.split(key)
      const z = normals(own, x.length)
      const step = sigma * Math.sqrt(inner.heat)
      const trial = clipped(
        x.map((value, i) => {
          const moved = value + step * (z[i] as number)
          const low = box?.lower[i] ?? -Infinity
          const high = box?.upper[i] ?? Infinity
          return moved < low ? 2 * low - moved : moved > high ? 2 * high - moved : moved
        }),
        box
      )
      return [[trial], { ...inner, trial, chance: uniforms(other, 1)[0] as number }]
    },
    tell: (inner, _points, losses) => {
      const trial = memberOf(inner.trial as SearchVector, losses[0] as number)
      const flatness = stillFlat(inner, losses)
      if (!inner.hasStarted) return { ...inner, ...flatness, current: trial, trial: null, hasStarted: true }
      const rise = lossOf(trial) - lossOf(inner.current)
      const isAccepted = trial.loss !== null && (rise <= 0 || inner.chance < exp(-rise / (temperature * inner.heat)))
      const current = isAccepted ? trial : inner.current
      return { ...inner, ...flatness, current, trial: null, heat: inner.heat * cooling }
    },
    stopped: ({ heat, isFlat }) => (heat >= coldest && heat > 0 ? null : isFlat ? 'flat' : 'step')
  }
  return overTrees('simulatedAnnealing', bounds, flat)
}
