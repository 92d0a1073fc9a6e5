// What searches share that give more to fewer configurations.
import { InvalidOption, type Key, random, show } from '@gradchain/core'
import type { ResourceTrial, RungResult, RungsState } from '../rungs/types.js'
import type { Space } from '../spaces/types.js'
import type { ConfigSearch } from '../trials/types.js'
import { axesOf, configAt, drawnPlaces, pointOf } from './axes.js'
import { isUsable } from './ranked.js'
import { checkTold } from './trialSearch.js'

/** How many configurations get how much, rung by rung. */
export interface Rung {
  readonly size: number
  readonly resource: number
}

/** The largest k with factorᵏ ≤ x. */
export const powersWithin = (factor: number, x: number): number => {
  let k = 0
  for (let power = factor; power <= x; power *= factor) k++
  return k
}

/** factorᵏ, by products alone. */
export const powerOf = (factor: number, k: number): number => {
  let power = 1
  for (let i = 0; i < k; i++) power *= factor
  return power
}

/** The sizes and resources of the rungs: as many as are wanted, and as the resources allow. */
export const rungsOf = (
  candidates: number,
  least: number,
  most: number,
  factor: number,
  wanted: number
): readonly Rung[] => {
  const steps = Math.min(wanted, powersWithin(factor, Math.floor(most / least)))
  const rungs: Rung[] = []
  let size = candidates
  for (let i = 0; i <= steps; i++) {
    rungs.push({ size, resource: Math.min(most, Math.floor(least * powerOf(factor, i))) })
    size = Math.ceil(size / factor)
  }
  return rungs
}

/** The trials that did not fail, the best first, of those alike the older first. */
export const byLoss = <Config>(done: readonly RungResult<Config>[]): readonly RungResult<Config>[] =>
  done
    .filter(({ loss }) => loss !== null)
    .sort((a, b) => (a.loss as number) - (b.loss as number) || a.candidate.trial - b.candidate.trial)

/** The better of two, the first where they are alike. */
export const betterOf = <Config>(a: RungResult<Config> | null, b: RungResult<Config>): RungResult<Config> | null => {
  if (b.loss === null) return a
  return a === null || b.loss < (a.loss as number) ? b : a
}

/** What came of a trial. */
export const resultOf = <Config>(candidate: ResourceTrial<Config>, loss: number): RungResult<Config> => ({
  candidate,
  loss: isUsable(loss) ? loss : null
})

/** What is waited for, without a candidate that is told now; one that nobody waits for is refused. */
export const without = <Config>(
  owner: string,
  pending: readonly ResourceTrial<Config>[],
  { trial, resource }: ResourceTrial<Config>
): readonly ResourceTrial<Config>[] => {
  const left = pending.filter((other) => other.trial !== trial || other.resource !== resource)
  if (left.length === pending.length) {
    throw new InvalidOption(
      `${owner}: candidates must be waited for, got trial ${show(trial)} with resource ${show(resource)}`
    )
  }
  return left
}

/** A search whose brackets are done one after the other, each rung when the one before is told. */
export const rungSearch = <Config>(
  owner: string,
  space: Space<Config>,
  brackets: readonly (readonly Rung[])[],
  batch: number
): ConfigSearch<Config, ResourceTrial<Config>, RungsState<Config>> => {
  const axes = axesOf(owner, space)

  const drawnBracket = (state: RungsState<Config>, key: Key): readonly ResourceTrial<Config>[] => {
    const [{ size, resource }] = brackets[state.bracket] as readonly [Rung]
    return Array.from({ length: size }, (_, i) => {
      const isStart = i === 0 && state.start !== null
      const config = isStart ? state.start : (configAt(axes, drawnPlaces(axes, random.foldIn(key, i))) as Config)
      return { trial: state.drawn + i, config: config as Config, resource }
    })
  }

  const ask = (
    state: RungsState<Config>,
    key: Key
  ): readonly [readonly ResourceTrial<Config>[], RungsState<Config>] => {
    if (state.bracket >= brackets.length) return [[], state]
    const todo = state.todo ?? drawnBracket(state, key)
    const isNew = state.todo === null
    const candidates = todo.slice(0, batch)
    return [
      candidates,
      {
        ...state,
        todo: todo.slice(batch),
        pending: [...state.pending, ...candidates],
        drawn: state.drawn + (isNew ? todo.length : 0),
        start: isNew ? null : state.start
      }
    ]
  }

  /** Goes on to the next rung or bracket when all of this one is told. */
  const advanced = (state: RungsState<Config>): RungsState<Config> => {
    if (state.pending.length > 0 || state.todo === null || state.todo.length > 0) return state
    const next = brackets[state.bracket]?.[state.rung + 1]
    const kept = next === undefined ? [] : byLoss(state.done).slice(0, next.size)
    if (next === undefined || kept.length === 0) {
      return { ...state, bracket: state.bracket + 1, rung: 0, todo: null, done: [] }
    }
    const todo = kept.map(({ candidate }) => ({ ...candidate, resource: next.resource }))
    return { ...state, rung: state.rung + 1, todo, done: [] }
  }

  return {
    init: (start) => {
      if (start !== undefined) pointOf(owner, axes, start)
      return { bracket: 0, rung: 0, todo: null, pending: [], done: [], drawn: 0, best: null, start: start ?? null }
    },
    ask,
    tell: (state, candidates, losses) => {
      checkTold(owner, candidates, losses)
      let { pending, best } = state
      const done = [...state.done]
      candidates.forEach((candidate, i) => {
        pending = without(owner, pending, candidate)
        const result = resultOf(candidate, losses[i] as number)
        done.push(result)
        best = betterOf(best, result)
      })
      return advanced({ ...state, pending, done, best })
    },
    best: ({ best }) => (best === null ? null : { candidate: best.candidate, loss: best.loss as number }),
    stopped: ({ bracket }) => (bracket >= brackets.length ? 'exhausted' : null)
  }
}

/** Refuses a least resource above the most. */
export const checkResources = (owner: string, minResource: number, maxResource: number): void => {
  if (minResource <= maxResource) return
  throw new InvalidOption(`${owner}: minResource must be at most maxResource, ${maxResource}, got ${minResource}`)
}
