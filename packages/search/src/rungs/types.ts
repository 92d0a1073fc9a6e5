/** A configuration, and how much it is to be trained. */
export interface ResourceTrial<Config> {
  /** The number of the configuration, which stays the same when it comes again with more: where it was left can be kept by it. */
  readonly trial: number
  /** The hyperparameters. */
  readonly config: Config
  /** How much in all, a whole number ≥ 1: steps, epochs, examples. */
  readonly resource: number
}

/** A trial and how it went. */
export interface RungResult<Config> {
  /** What was evaluated. */
  readonly candidate: ResourceTrial<Config>
  /** Its loss; `null` for a trial that failed. */
  readonly loss: number | null
}

/** State of a search that goes rung by rung. */
export interface RungsState<Config> {
  /** The number of the bracket. */
  readonly bracket: number
  /** The number of the rung in it. */
  readonly rung: number
  /** What of the rung was not asked for yet; `null` where a bracket has yet to be drawn. */
  readonly todo: readonly ResourceTrial<Config>[] | null
  /** What was asked for and is not told yet. */
  readonly pending: readonly ResourceTrial<Config>[]
  /** What was told of the rung. */
  readonly done: readonly RungResult<Config>[]
  /** How many configurations were drawn. */
  readonly drawn: number
  /** The best of all that was told; `null` before there is one. */
  readonly best: RungResult<Config> | null
  /** A configuration that is to be among the first; `null` when it was, or there is none. */
  readonly start: Config | null
}
