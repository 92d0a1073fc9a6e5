import { check, positiveInteger, required, withDefaults } from '@gradchain/core'
import { aboveOne } from '../internal/requirements.js'
import { checkResources, powerOf, powersWithin, rungSearch, rungsOf } from '../internal/rungs.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch } from '../trials/types.js'
import type { ResourceTrial, RungsState } from './types.js'

/** Options of {@link successiveHalving}. */
export interface SuccessiveHalvingOptions {
  /** The most that one configuration gets, a whole number ≥ 1: steps, epochs, examples. */
  readonly maxResource: number
  /**
   * What each configuration gets on the first rung, a whole number from 1 to `maxResource`; `'exhaust'` is as much as lets the last rung
   * have the most. @defaultValue `'exhaust'`
   */
  readonly minResource?: number | 'exhaust' | undefined
  /** How many configurations there are on the first rung, a whole number ≥ 1. @defaultValue `27` */
  readonly candidates?: number | undefined
  /** How many times as much the fewer get on each next rung, a number > 1. @defaultValue `3` */
  readonly factor?: number | undefined
  /** How many candidates one question gives at most, a whole number ≥ 1. @defaultValue all of the rung */
  readonly batch?: number | undefined
}

/**
 * Successive halving: all configurations get a little, the better part of them more, and so on, until few are left that get all.
 *
 * With the factor f, n configurations and the resources r, on rung i = 0, 1, …
 *
 *     nᵢ₊₁ = ⌈nᵢ / f⌉        rᵢ = r₀ fⁱ
 *     rungs: 1 + ⌊log_f n⌋, and as many as the resources allow, 1 + ⌊log_f(⌊R / r₀⌋)⌋
 *     'exhaust': r₀ = ⌊R / f^⌊log_f n⌋⌋, at least 1
 *
 * A candidate is `{ trial, config, resource }`; `trial` stays the same on higher rungs, so that training can go on from where it was left:
 * the resource is what it has had in all. A rung ends when all its candidates are told; until then a question may give none. A trial that failed
 * goes no further. After the last rung it stops with the reason `'exhausted'`.
 *
 * Laws: what is told in any order is the same; transformations of the losses that keep their order change nothing but the loss of
 * `best`; a range scaled and a choice renamed are searched alike.
 *
 * @example
 * const strategy = successiveHalving(space({ learningRate: logUniform(1e-4, 1) }), { maxResource: 1000, candidates: 9 })
 * let state = strategy.init()
 * const rungs: string[] = []
 * for (let t = 0; strategy.stopped(state) === null; t++) {
 *   const [candidates, asked] = strategy.ask(state, random.key(t))
 *   rungs.push(`${candidates.length} × ${candidates[0]?.resource}`)
 *   state = strategy.tell(asked, candidates, candidates.map(({ config }) => Math.abs(Math.log10(config.learningRate) + 2)))
 * }
 * rungs // => ['9 × 111', '3 × 333', '1 × 999']
 * strategy.best(state)?.candidate.config // => { learningRate: 0.0… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at `tell`, for a candidate that was not asked for.
 * @see Jamieson and Talwalkar (2016), {@link https://arxiv.org/abs/1502.07943}; the numbers are those of scikit-learn 1.9
 * @see hyperband, asha
 */
export const successiveHalving = <Config>(
  space: Space<Config>,
  options: SuccessiveHalvingOptions
): ConfigSearch<Config, ResourceTrial<Config>, RungsState<Config>> => {
  const { maxResource, minResource, candidates, factor, batch } = withDefaults<Required<SuccessiveHalvingOptions>>(
    'successiveHalving',
    options,
    { maxResource: required, minResource: 'exhaust', candidates: 27, factor: 3, batch: Number.MAX_SAFE_INTEGER }
  ) as { maxResource: number; minResource: number | 'exhaust'; candidates: number; factor: number; batch: number }
  check('successiveHalving', { maxResource, candidates, batch }, positiveInteger)
  check('successiveHalving', { factor }, aboveOne)
  const isExhausting = minResource === 'exhaust'
  check(
    'successiveHalving',
    { minResource },
    {
      what: `${positiveInteger.what} or 'exhaust'`,
      holds: (value) => isExhausting || positiveInteger.holds(value)
    }
  )
  const wanted = powersWithin(factor, candidates)
  const least = isExhausting ? Math.max(1, Math.floor(maxResource / powerOf(factor, wanted))) : minResource
  checkResources('successiveHalving', least, maxResource)

  return rungSearch('successiveHalving', space, [rungsOf(candidates, least, maxResource, factor, wanted)], batch)
}
