import { check, positiveInteger, required, withDefaults } from '@gradchain/core'
import { aboveOne } from '../internal/requirements.js'
import { checkResources, powerOf, powersWithin, type Rung, rungSearch } from '../internal/rungs.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch } from '../trials/types.js'
import type { ResourceTrial, RungsState } from './types.js'

/** Options of {@link hyperband}. */
export interface HyperbandOptions {
  /** The most that one configuration gets, a whole number ≥ 1: steps, epochs, examples. */
  readonly maxResource: number
  /** The least that one gets, a whole number from 1 to `maxResource`. @defaultValue `1` */
  readonly minResource?: number | undefined
  /** How many times as much the fewer get on each next rung, a number > 1. @defaultValue `3` */
  readonly factor?: number | undefined
  /** How many candidates one question gives at most, a whole number ≥ 1. @defaultValue all of the rung */
  readonly batch?: number | undefined
}

/**
 * Hyperband: successive halving several times over, first with very many configurations that get very little, at last with few that get
 * all at once, as nobody knows how early one can tell good from bad.
 *
 * With the factor f, the least r and the most R there are B = 1 + ⌊log_f(R / r)⌋ brackets; for s = B − 1, …, 1, 0
 *
 *     n = ⌈B fˢ / (s + 1)⌉ configurations;    rung i = 0 … s:  ⌊n / fⁱ⌋ of them, ⌊R / fˢ⁻ⁱ⌋ each
 *
 * Candidates are those of {@link successiveHalving}; each bracket draws new configurations. After the last it stops with the reason
 * `'exhausted'`.
 *
 * Laws: those of successiveHalving; R = r is random search.
 *
 * @example
 * const strategy = hyperband(space({ learningRate: logUniform(1e-4, 1) }), { maxResource: 81 })
 * let state = strategy.init()
 * const brackets: Record<number, string> = {}
 * for (let t = 0; strategy.stopped(state) === null; t++) {
 *   const [candidates, asked] = strategy.ask(state, random.key(t))
 *   brackets[state.bracket] = `${brackets[state.bracket] ?? ''} ${candidates.length}`
 *   state = strategy.tell(asked, candidates, candidates.map(({ config }) => config.learningRate))
 * }
 * Object.values(brackets) // => [' 81 27 9 3 1', ' 34 11 3 1', ' 15 5 1', ' 8 2', ' 5']
 *
 * @throws InvalidOption at construction, when an option is outside its range; at `tell`, for a candidate that was not asked for.
 * @see Li et al. (2018), Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization, algorithm 1,
 * {@link https://arxiv.org/abs/1603.06560}
 */
export const hyperband = <Config>(
  space: Space<Config>,
  options: HyperbandOptions
): ConfigSearch<Config, ResourceTrial<Config>, RungsState<Config>> => {
  const { maxResource, minResource, factor, batch } = withDefaults<Required<HyperbandOptions>>('hyperband', options, {
    maxResource: required,
    minResource: 1,
    factor: 3,
    batch: Number.MAX_SAFE_INTEGER
  }) as { maxResource: number; minResource: number; factor: number; batch: number }
  check('hyperband', { maxResource, minResource, batch }, positiveInteger)
  check('hyperband', { factor }, aboveOne)
  checkResources('hyperband', minResource, maxResource)

  return rungSearch('hyperband', space, bracketsOf(minResource, maxResource, factor), batch)
}

const bracketsOf = (least: number, most: number, factor: number): readonly (readonly Rung[])[] => {
  const count = 1 + powersWithin(factor, most / least)
  return Array.from({ length: count }, (_, bracket): readonly Rung[] => {
    const s = count - 1 - bracket
    const first = Math.ceil((count * powerOf(factor, s)) / (s + 1))
    return Array.from({ length: s + 1 }, (_, i) => ({
      size: Math.floor(first / powerOf(factor, i)),
      resource: Math.max(1, Math.floor(most / powerOf(factor, s - i)))
    }))
  })
}
