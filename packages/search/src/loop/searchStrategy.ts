import type { Key } from '@gradchain/core'

/**
 * Why a search ended; the first three are successes:
 *
 * - `'target'`: a loss as low as was asked for was found.
 * - `'step'`: what would be tried next is too close to what was tried.
 * - `'decrease'`: the losses no longer differ enough.
 * - `'exhausted'`: there is nothing left to try.
 * - `'flat'`: all losses are the same.
 * - `'stagnation'`: for a long time nothing became better.
 * - `'condition'`: the distribution became too thin to be drawn from.
 * - `'diverged'`: the steps grew without end, as they do where the loss has no minimum.
 * - `'notFinite'`: no loss is a finite number.
 * - `'budget'`: as many evaluations or generations as were allowed.
 */
export type StopReason =
  | 'target'
  | 'step'
  | 'decrease'
  | 'exhausted'
  | 'flat'
  | 'stagnation'
  | 'condition'
  | 'diverged'
  | 'notFinite'
  | 'budget'

/** A candidate and its loss. */
export interface Evaluated<Candidate> {
  /** What was evaluated. */
  readonly candidate: Candidate
  /** Its loss, a finite number. */
  readonly loss: number
}

/**
 * A search without gradients, which is asked what to evaluate and told how good it was: five pure functions. The state is
 * plain data of objects, lists, texts, `null` and finite numbers, so that it survives `structuredClone` and JSON; the same state, key and losses
 * give the same bits.
 *
 * What is told in any order is the same. A loss that is NaN or infinite, of either sign, is a trial that failed: it ranks
 * behind all others and never is the best.
 *
 * @see search, which runs one to its end
 */
export interface SearchStrategy<Candidate, State, Start = Candidate> {
  /** The state before the first question. */
  readonly init: (start: Start) => State
  /**
   * What to evaluate next, all at once if the caller likes, and the state that waits for the losses. The start is among the first
   * candidates, for those that begin from one.
   */
  readonly ask: (state: State, key: Key) => readonly [candidates: readonly Candidate[], state: State]
  /** The state after the losses of the candidates, one for each and in their order. */
  readonly tell: (state: State, candidates: readonly NoInfer<Candidate>[], losses: readonly number[]) => State
  /** The candidate with the lowest finite loss that was ever told, and that loss; `null` before there is one. */
  readonly best: (state: State) => Evaluated<Candidate> | null
  /** Why it makes no sense to go on, or `null` while it does. */
  readonly stopped: (state: State) => StopReason | null
}
