import { check, type Key, positiveInteger, random, required, withDefaults } from '@gradchain/core'
import { axesOf, configAt, drawnPlaces, pointOf } from '../internal/axes.js'
import { aboveOne } from '../internal/requirements.js'
import { betterOf, byLoss, checkResources, powerOf, powersWithin, resultOf, without } from '../internal/rungs.js'
import { checkTold } from '../internal/trialSearch.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch } from '../trials/types.js'
import type { ResourceTrial, RungResult } from './types.js'

/** Options of {@link asha}. */
export interface AshaOptions {
  /** The most that one configuration gets, a whole number ≥ 1: steps, epochs, examples. */
  readonly maxResource: number
  /** What a configuration gets first, a whole number from 1 to `maxResource`. @defaultValue `1` */
  readonly minResource?: number | undefined
  /** One of how many goes on to the next rung, to get as many times as much: a number > 1. @defaultValue `3` */
  readonly factor?: number | undefined
  /** How many configurations are drawn in all, a whole number ≥ 1. @defaultValue no end */
  readonly trials?: number | undefined
  /** How many candidates one question gives, a whole number ≥ 1. @defaultValue `1` */
  readonly batch?: number | undefined
}

/** State of {@link asha}. */
export interface AshaState<Config> {
  /** What was told, by rung. */
  readonly rungs: readonly (readonly RungResult<Config>[])[]
  /** What was asked for and is not told yet. */
  readonly pending: readonly ResourceTrial<Config>[]
  /** How many configurations were drawn. */
  readonly drawn: number
  /** The best of all that was told; `null` before there is one. */
  readonly best: RungResult<Config> | null
  /** A configuration that is to be tried first; `null` when it was, or there is none. */
  readonly start: Config | null
}

/**
 * Asynchronous successive halving: no worker ever waits for a rung to be full. Whoever is free gets the best configuration that may go on,
 * or a new one.
 *
 * A question looks from the highest rung down for a trial that is among the ⌊m / f⌋ best of the m that were told of its rung and has not
 * gone on yet; where there is none it draws a new configuration for the first rung. Rung k has the resource r fᵏ, for k = 0 … ⌊log_f(R / r)⌋, rounded
 * down; rungs that come to the same are one.
 *
 * Candidates are those of {@link successiveHalving}. A trial that failed goes no further. With an end of `trials` it stops with the
 * reason `'exhausted'` when nothing may go on; while others are waited for, a question may give none.
 *
 * Laws: what is told in any order is the same; transformations of the losses that keep their order change nothing but the loss of
 * `best`; a range scaled and a choice renamed are searched alike.
 *
 * @example
 * const strategy = asha(space({ learningRate: logUniform(1e-4, 1) }), { maxResource: 9, trials: 9 })
 * let state = strategy.init()
 * const resources: number[] = []
 * for (let t = 0; strategy.stopped(state) === null; t++) {
 *   const [candidates, asked] = strategy.ask(state, random.key(t))
 *   resources.push(...candidates.map(({ resource }) => resource))
 *   state = strategy.tell(asked, candidates, candidates.map(({ config }) => Math.abs(config.learningRate - 0.01)))
 * }
 * resources.slice(0, 6) // => [1, 1, 1, 3, 1, 1]
 * resources.filter((resource) => resource === 9).length // => 1
 *
 * @throws InvalidOption at construction, when an option is outside its range; at `tell`, for a candidate that was not asked for.
 * @see Li et al. (2020), A System for Massively Parallel Hyperparameter Tuning, algorithm 2,
 * {@link https://arxiv.org/abs/1810.05934}
 */
export const asha = <Config>(
  space: Space<Config>,
  options: AshaOptions
): ConfigSearch<Config, ResourceTrial<Config>, AshaState<Config>> => {
  const given = withDefaults<Required<AshaOptions>>('asha', options, {
    maxResource: required,
    minResource: 1,
    factor: 3,
    trials: Number.MAX_SAFE_INTEGER,
    batch: 1
  }) as { maxResource: number; minResource: number; factor: number; trials: number; batch: number }
  const { maxResource, minResource, factor, trials, batch } = given
  check('asha', { maxResource, minResource, trials, batch }, positiveInteger)
  check('asha', { factor }, aboveOne)
  checkResources('asha', minResource, maxResource)
  const axes = axesOf('asha', space)
  const powers = Array.from({ length: 1 + powersWithin(factor, maxResource / minResource) }, (_, k) =>
    Math.min(maxResource, Math.floor(minResource * powerOf(factor, k)))
  )
  // A rung is known by its resource: one that gives no more than the one below it would never be told.
  const resources = [...new Set(powers)]

  /** The trial that may go on, with what it gets. */
  const promoted = ({ rungs, pending }: AshaState<Config>): ResourceTrial<Config> | null => {
    for (let k = resources.length - 2; k >= 0; k--) {
      const told = rungs[k] ?? []
      const resource = resources[k + 1] as number
      const above = [...(rungs[k + 1] ?? []).map(({ candidate }) => candidate), ...pending]
      const gone = new Set(above.filter((other) => other.resource === resource).map(({ trial }) => trial))
      const good = byLoss(told).slice(0, Math.floor(told.length / factor))
      const next = good.find(({ candidate }) => !gone.has(candidate.trial))
      if (next !== undefined) return { ...next.candidate, resource }
    }
    return null
  }

  const drawn = (state: AshaState<Config>, key: Key): ResourceTrial<Config> | null => {
    if (state.drawn >= trials) return null
    const config = state.start ?? (configAt(axes, drawnPlaces(axes, key)) as Config)
    return { trial: state.drawn, config, resource: resources[0] as number }
  }

  return {
    init: (start) => {
      if (start !== undefined) pointOf('asha', axes, start)
      return { rungs: resources.map(() => []), pending: [], drawn: 0, best: null, start: start ?? null }
    },
    ask: (state, key) => {
      const candidates: ResourceTrial<Config>[] = []
      let current = state
      for (let i = 0; i < batch; i++) {
        const older = promoted(current)
        const candidate = older ?? drawn(current, random.foldIn(key, i))
        if (candidate === null) break
        candidates.push(candidate)
        current = { ...current, pending: [...current.pending, candidate] }
        if (older === null) current = { ...current, drawn: current.drawn + 1, start: null }
      }
      return [candidates, current]
    },
    tell: (state, candidates, losses) => {
      checkTold('asha', candidates, losses)
      let { pending, best } = state
      const rungs = state.rungs.map((rung) => [...rung])
      candidates.forEach((candidate, i) => {
        pending = without('asha', pending, candidate)
        const result = resultOf(candidate, losses[i] as number)
        rungs[resources.indexOf(candidate.resource)]?.push(result)
        best = betterOf(best, result)
      })
      return { ...state, rungs, pending, best }
    },
    best: ({ best }) => (best === null ? null : { candidate: best.candidate, loss: best.loss as number }),
    stopped: (state) =>
      state.drawn >= trials && state.pending.length === 0 && promoted(state) === null ? 'exhausted' : null
  }
}
