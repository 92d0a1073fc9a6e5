import {
  aNumber,
  callable,
  check,
  type Key,
  keyOrSeed,
  optional,
  positiveInteger,
  type Requirement,
  read,
  required,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import { isUsable } from '../internal/ranked.js'
import type { Evaluated, SearchStrategy, StopReason } from './searchStrategy.js'

/** Options of {@link search}. */
export interface SearchOptions {
  /** Where random numbers come from: a key, or the seed of one. Any whole number is a seed, 0 included. */
  readonly key: Key | number
  /** How often f is called at most, a whole number ≥ 1. @defaultValue `10000` */
  readonly maxEvaluations?: number | undefined
  /** A loss that is low enough: the first that is not above it ends the search. @defaultValue none */
  readonly target?: number | undefined
}

/** What {@link search} found. */
export interface SearchResult<Candidate, State> {
  /** The best candidate evaluated; the start, where no loss was a finite number. */
  readonly candidate: Candidate
  /** Its loss; NaN where none was a finite number. */
  readonly loss: number
  /** How often f was called. */
  readonly evaluations: number
  /** Why it ended. */
  readonly reason: StopReason
  /** Whether that is a success: the target was reached, or the strategy has come as close as it can tell. */
  readonly success: boolean
  /** The state of the strategy, as it was told last. */
  readonly state: State
}

/**
 * Looks for a low value of f without gradients, until the strategy stops, the target is reached or the budget is spent.
 *
 * For t = 0, 1, …, with the t-th key split off the key given:
 *
 *     ask → candidates → their losses, one after the other → tell
 *
 * The target ends it at once. Where the budget ends among the candidates of one question, the strategy is not told of these, but the
 * best of them counts. Whoever evaluates in parallel writes this loop himself: it has nothing that `ask` and `tell` have not.
 *
 * Laws: the same arguments give the same bits; f is called at most maxEvaluations times; the result is the best of all that was evaluated,
 * the start among them; where f is never finite, it says so and gives the start.
 *
 * @param f - the loss of a candidate, a number or a lazy scalar. NaN and ±∞ are trials that failed.
 *
 * @example
 * // Halves its step where neither side is better.
 * type Line = { readonly x: number; readonly h: number; readonly loss: number | null }
 * const bisect: SearchStrategy<number, Line> = {
 *   init: (x) => ({ x, h: 1, loss: null }),
 *   ask: (state) => [state.loss === null ? [state.x] : [state.x - state.h, state.x + state.h], state],
 *   tell: (state, candidates, losses) => {
 *     const loss = Math.min(...losses)
 *     const x = candidates[losses.indexOf(loss)] ?? state.x
 *     return loss < (state.loss ?? Infinity) ? { ...state, x, loss } : { ...state, h: state.h / 2 }
 *   },
 *   best: ({ x, loss }) => (loss === null ? null : { candidate: x, loss }),
 *   stopped: ({ h }) => (h < 1e-3 ? 'step' : null)
 * }
 * const found = search((x) => (x - 0.25) * (x - 0.25), 3, bisect, { key: 0 })
 * found.candidate // => 0.25
 * found.reason // => 'step'
 *
 * @throws InvalidOption when an option is outside its range.
 */
export const search = <Candidate, State, Start>(
  f: (candidate: Candidate) => Value,
  start: Start,
  strategy: SearchStrategy<Candidate, State, Start>,
  options: SearchOptions
): SearchResult<Candidate | Start, State> => {
  const { key, maxEvaluations, target } = withDefaults<SearchOptions>('search', options, {
    key: required,
    maxEvaluations: 10000,
    target: undefined
  }) as { key: Key | number; maxEvaluations: number; target: number | undefined }
  check('search', { f }, callable)
  check('search', { strategy }, aStrategy)
  check('search', { key }, keyOrSeed)
  check('search', { maxEvaluations }, positiveInteger)
  check('search', { target }, optional(aNumber))

  const root = typeof key === 'number' ? random.key(key) : key
  let state = strategy.init(start)
  let best: Evaluated<Candidate> | null = null
  let evaluations = 0
  const ended = (reason: StopReason): SearchResult<Candidate | Start, State> => ({
    candidate: best === null ? start : best.candidate,
    loss: best === null ? NaN : best.loss,
    evaluations,
    reason,
    success: best !== null && (reason === 'target' || reason === 'step' || reason === 'decrease'),
    state
  })

  for (let t = 0; ; t++) {
    const reason = strategy.stopped(state)
    if (reason !== null) return ended(reason)
    const [candidates, asked] = strategy.ask(state, random.foldIn(root, t))
    if (candidates.length === 0) return ended(strategy.stopped(asked) ?? 'exhausted')
    const losses: number[] = []
    for (const candidate of candidates) {
      if (evaluations === maxEvaluations) return ended(best === null ? 'notFinite' : 'budget')
      const loss = read(f(candidate))
      evaluations++
      losses.push(loss)
      if (isUsable(loss) && (best === null || loss < best.loss)) best = { candidate, loss }
      if (target !== undefined && isUsable(loss) && loss <= target) return ended('target')
    }
    state = strategy.tell(asked, candidates, losses)
  }
}

const aStrategy: Requirement = {
  what: 'a strategy such as cmaEs()',
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['init', 'ask', 'tell', 'best', 'stopped'].every(
      (name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'
    )
}
