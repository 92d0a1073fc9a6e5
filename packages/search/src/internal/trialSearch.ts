// What searches that try whole configurations share: the record of trials, and what is still waited for.
import { InvalidOption, type Key, random, show } from '@gradchain/core'
import type { Evaluated } from '../loop/searchStrategy.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch, Trial, TrialsState } from '../trials/types.js'
import { type Axis, axesOf, configAt, isSamePoint, type Point, pointOf } from './axes.js'
import { isUsable } from './ranked.js'

/** What is known when a configuration is chosen. */
export interface Known {
  readonly axes: readonly Axis[]
  /** The trials, the oldest first; the loss of one that failed is ∞. */
  readonly trials: readonly { readonly point: Point; readonly loss: number }[]
  /** What is being tried. */
  readonly pending: readonly Point[]
  /** How many configurations were asked for before. */
  readonly asked: number
  /** The key of the question, and the number of the configuration among those that it gives. */
  readonly question: Key
  readonly place: number
}

/** How a search chooses: places for the axes, or `null` when there is nothing left to try. */
export type Propose = (known: Known, key: Key) => readonly (number | null)[] | null

/** The configuration of a candidate, as the type of the space says. */
const configOf = <Config>(axes: readonly Axis[], places: readonly (number | null)[]): Config =>
  configAt(axes, places) as Config

/** A search that chooses one configuration after the other. */
export const trialSearch = <Config>(
  owner: string,
  space: Space<Config>,
  batch: number,
  propose: Propose,
  total: (axes: readonly Axis[]) => number = () => Infinity
): ConfigSearch<Config, Config, TrialsState<Config>> => {
  const axes = axesOf(owner, space)

  const ask = (state: TrialsState<Config>, key: Key): readonly [readonly Config[], TrialsState<Config>] => {
    const trials = state.trials.map(({ config, loss }) => ({
      point: pointOf(owner, axes, config),
      loss: loss ?? Infinity
    }))
    const pending = state.pending.map((config) => pointOf(owner, axes, config))
    const candidates: Config[] = []
    let { asked } = state
    let first = state.start
    for (let i = 0; i < batch; i++) {
      if (first !== null) {
        candidates.push(first)
        pending.push(pointOf(owner, axes, first))
        first = null
        continue
      }
      const place = asked - state.asked
      const places = propose({ axes, trials, pending, asked, question: key, place }, random.foldIn(key, place))
      if (places === null) break
      const config = configOf<Config>(axes, places)
      candidates.push(config)
      pending.push(pointOf(owner, axes, config))
      asked++
    }
    return [candidates, { ...state, pending: [...state.pending, ...candidates], asked, start: first }]
  }

  return {
    init: (start) => {
      if (start !== undefined) pointOf(owner, axes, start)
      return { trials: [], pending: [], asked: 0, start: start ?? null }
    },
    ask,
    tell: (state, candidates, losses) => told(owner, axes, state, candidates, losses),
    best: (state) => bestOf(state.trials),
    stopped: ({ asked, pending, start }) =>
      start === null && pending.length === 0 && asked >= total(axes) ? 'exhausted' : null
  }
}

/** Refuses losses that are no numbers, or not one for each candidate. */
export const checkTold = (owner: string, candidates: readonly unknown[], losses: readonly number[]): void => {
  const isFitting =
    Array.isArray(candidates) &&
    Array.isArray(losses) &&
    candidates.length === losses.length &&
    losses.every((loss) => typeof loss === 'number')
  if (isFitting) return
  throw new InvalidOption(
    `${owner}: losses must be a number for each of the ${candidates?.length} candidates, got ${show(losses)}`
  )
}

/** The state after some losses; candidates that were never asked for count as well. */
const told = <Config>(
  owner: string,
  axes: readonly Axis[],
  state: TrialsState<Config>,
  candidates: readonly Config[],
  losses: readonly number[]
): TrialsState<Config> => {
  checkTold(owner, candidates, losses)
  const pending = state.pending.map((config) => ({ config, point: pointOf(owner, axes, config) }))
  const trials: Trial<Config>[] = [...state.trials]
  candidates.forEach((config, i) => {
    const loss = losses[i] as number
    const point = pointOf(owner, axes, config)
    trials.push({ config, loss: isUsable(loss) ? loss : null })
    const place = pending.findIndex((other) => isSamePoint(other.point, point))
    if (place >= 0) pending.splice(place, 1)
  })
  return { ...state, trials, pending: pending.map(({ config }) => config) }
}

/** The trial of the lowest loss, the first one of several. */
export const bestOf = <Config>(trials: readonly Trial<Config>[]): Evaluated<Config> | null => {
  let best: Evaluated<Config> | null = null
  for (const { config, loss } of trials) {
    if (loss !== null && (best === null || loss < best.loss)) best = { candidate: config, loss }
  }
  return best
}
