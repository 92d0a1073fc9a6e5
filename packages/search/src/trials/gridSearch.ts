import { check, positiveInteger, withDefaults } from '@gradchain/core'
import { type Axis, isThere, placeOf, sizeOf, valueAt } from '../internal/axes.js'
import { trialSearch } from '../internal/trialSearch.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch, TrialsState } from './types.js'

/** Options of {@link gridSearch}. */
export interface GridSearchOptions {
  /** How many values a number has in the grid; a whole number has all of them, where these are not more. @defaultValue `3` */
  readonly points?: number | undefined
  /** How many configurations one question gives, a whole number ≥ 1. @defaultValue `1` */
  readonly batch?: number | undefined
}

/**
 * Grid search: every combination of some values of each hyperparameter, the last hyperparameter changing fastest.
 *
 *     uniform     low + i (high − low) / (points − 1)
 *     logUniform  low (high / low)^(i / (points − 1))
 *     integer     all of them, or as many of them as there are points, as far apart as the numbers above
 *     choice      all of them
 *
 * for i = 0 … points − 1; a single point is the middle. No key has any effect. When the grid is used up it stops with the reason
 * `'exhausted'`.
 *
 * Laws: each combination comes once; of variants only those hyperparameters are combined that are there.
 *
 * @example
 * const strategy = gridSearch(space({ rate: logUniform(1e-3, 1e-1), nesterov: choice([true, false]) }), { batch: 9 })
 * const [grid] = strategy.ask(strategy.init(), random.key(0))
 * grid.length // => 6
 * grid[1] // => { rate: 0.001, nesterov: false }
 * grid[2]?.rate.toFixed(6) // => '0.010000'
 *
 * @throws InvalidOption at construction, when an option is outside its range or the space was not made by `space`.
 */
export const gridSearch = <Config>(
  space: Space<Config>,
  options: GridSearchOptions = {}
): ConfigSearch<Config, Config, TrialsState<Config>> => {
  const { points, batch } = withDefaults('gridSearch', options, { points: 3, batch: 1 })
  check('gridSearch', { points, batch }, positiveInteger)
  let grid: readonly (readonly (number | null)[])[] | null = null
  const gridOf = (axes: readonly Axis[]): readonly (readonly (number | null)[])[] => {
    grid ??= combinations(axes, points)
    return grid
  }
  return trialSearch(
    'gridSearch',
    space,
    batch,
    ({ axes, asked }) => gridOf(axes)[asked] ?? null,
    (axes) => gridOf(axes).length
  )
}

/** The places of an axis that are in the grid. */
const placesOf = ({ dimension }: Axis, points: number): readonly number[] => {
  const size = sizeOf(dimension)
  if (dimension.kind === 'choice' || size <= points) {
    if (dimension.kind === 'integer') {
      return Array.from({ length: size }, (_, i) => placeOf(dimension, dimension.low + i) as number)
    }
    return Array.from({ length: size }, (_, i) => (i + 0.5) / size)
  }
  const places = Array.from({ length: points }, (_, i) => (points === 1 ? 0.5 : i / (points - 1)))
  if (dimension.kind !== 'integer') return places
  // Small whole numbers on a scale of logarithms may coincide.
  const values = [...new Set(places.map((u) => valueAt(dimension, u)))]
  return values.map((value) => placeOf(dimension, value) as number)
}

const combinations = (axes: readonly Axis[], points: number): readonly (readonly (number | null)[])[] => {
  let grid: readonly (readonly (number | null)[])[] = [[]]
  for (const axis of axes) {
    const places = placesOf(axis, points)
    grid = grid.flatMap((row) => (isThere(axis, axes, row) ? places.map((u) => [...row, u]) : [[...row, null]]))
  }
  return grid
}
