import { check, type Key, positiveInteger, random, withDefaults } from '@gradchain/core'
import { type Axis, unitNumbers } from '../internal/axes.js'
import { trialSearch } from '../internal/trialSearch.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch, TrialsState } from './types.js'

/** Options of {@link latinHypercube}. */
export interface LatinHypercubeOptions {
  /** How many configurations one design has, all of which one question gives: a whole number ≥ 1. @defaultValue `10` */
  readonly size?: number | undefined
}

/**
 * Latin hypercubes: each question gives a whole design of n configurations, in which every hyperparameter has one value in each n-th of
 * its range. So each of them alone is tried evenly, however many there are.
 *
 *     uᵢ = (π(i) + νᵢ) / n        for each hyperparameter a permutation π and ν ~ U[0, 1) of its own
 *
 * Laws: of a uniform hyperparameter one value lies in each n-th of its range; every question is a design of its own; losses decide about
 * `best` alone.
 *
 * @example
 * const strategy = latinHypercube(space({ x: uniform(0, 4), y: uniform(0, 1) }), { size: 4 })
 * const [design] = strategy.ask(strategy.init(), random.key(0))
 * design.map(({ x }) => Math.floor(x)).sort() // => [0, 1, 2, 3]
 *
 * @throws InvalidOption at construction, when size is no whole number ≥ 1 or the space was not made by `space`.
 * @see McKay, Beckman and Conover (1979), A Comparison of Three Methods for Selecting Values of Input Variables in the Analysis
 * of Output from a Computer Code
 */
export const latinHypercube = <Config>(
  space: Space<Config>,
  options: LatinHypercubeOptions = {}
): ConfigSearch<Config, Config, TrialsState<Config>> => {
  const { size } = withDefaults('latinHypercube', options, { size: 10 })
  check('latinHypercube', { size }, positiveInteger)
  return trialSearch(
    'latinHypercube',
    space,
    size,
    ({ axes, question, place }) => designOf(axes, size, question)[place] ?? null
  )
}

/** One list of places for each configuration of a design. */
const designOf = (axes: readonly Axis[], size: number, key: Key): readonly (readonly number[])[] => {
  const columns = axes.map((_, axis) => {
    const [order, jitter] = random.split(random.foldIn(key, axis))
    const places = random.permutation(order, size)
    const within = unitNumbers(jitter, size)
    return Array.from(places, (place, i) => (place + (within[i] as number)) / size)
  })
  return Array.from({ length: size }, (_, i) => columns.map((column) => column[i] as number))
}
