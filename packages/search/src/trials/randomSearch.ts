import { check, positiveInteger, withDefaults } from '@gradchain/core'
import { drawnPlaces } from '../internal/axes.js'
import { trialSearch } from '../internal/trialSearch.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch, TrialsState } from './types.js'

/** Options of {@link randomSearch}. */
export interface RandomSearchOptions {
  /** How many configurations one question gives, a whole number ≥ 1. @defaultValue `1` */
  readonly batch?: number | undefined
}

/**
 * Random search: each configuration is drawn for itself, whatever was told. It has no settings to get wrong, any number of workers can
 * do it, and a grid of as many trials is worse wherever few of the hyperparameters matter.
 *
 *     u ~ U[0, 1)  for each hyperparameter, mapped to its values
 *
 * Laws: the same key gives the same configurations; a range scaled and a choice renamed are searched alike; what is told in any order is
 * the same; losses decide about `best` alone.
 *
 * @example
 * const strategy = randomSearch(space({ learningRate: logUniform(1e-4, 1), momentum: uniform(0, 1) }), { batch: 50 })
 * const [candidates, asked] = strategy.ask(strategy.init(), random.key(1))
 * const losses = candidates.map(({ learningRate, momentum }) => Math.abs(learningRate - 0.01) + Math.abs(momentum - 0.9))
 * strategy.best(strategy.tell(asked, candidates, losses))?.candidate // => { learningRate: 0.0…, momentum: 0.9… }
 *
 * @throws InvalidOption at construction, when batch is no whole number ≥ 1 or the space was not made by `space`; at `tell`, for a
 * candidate that is not of the space, with its path.
 * @see Bergstra and Bengio (2012), Random Search for Hyper-Parameter Optimization,
 * {@link https://www.jmlr.org/papers/v13/bergstra12a.html}
 */
export const randomSearch = <Config>(
  space: Space<Config>,
  options: RandomSearchOptions = {}
): ConfigSearch<Config, Config, TrialsState<Config>> => {
  const { batch } = withDefaults('randomSearch', options, { batch: 1 })
  check('randomSearch', { batch }, positiveInteger)
  return trialSearch('randomSearch', space, batch, ({ axes }, key) => drawnPlaces(axes, key))
}
