import type { SearchStrategy } from '../loop/searchStrategy.js'

/** A configuration that was evaluated. */
export interface Trial<Config> {
  /** The hyperparameters. */
  readonly config: Config
  /** Their loss; `null` for a trial that failed. */
  readonly loss: number | null
}

/** State of a search that tries whole configurations. */
export interface TrialsState<Config> {
  /** What was told, the oldest first. */
  readonly trials: readonly Trial<Config>[]
  /** What was asked for and is not told yet. */
  readonly pending: readonly Config[]
  /** How many configurations were asked for. */
  readonly asked: number
  /** A configuration that is to be tried before all others; `null` when it was, or there is none. */
  readonly start: Config | null
}

/** A search over hyperparameters; `init` may be given a configuration that is to be tried first. */
export interface ConfigSearch<Config, Candidate, State>
  extends Omit<SearchStrategy<Candidate, State, Config | undefined>, 'init'> {
  /** The state before the first question. */
  readonly init: (start?: Config) => State
}
