/** What one update is given. */
export interface Step {
  /** The gradients. */
  readonly gradients: unknown
  /** The params at this step. @defaultValue the params that `init` was given */
  readonly params?: unknown
  /** What the transformation needs beyond that. @defaultValue `undefined` */
  readonly extra?: unknown
}

/**
 * What a transformation is observed on: the params for `init`, then one update for each step. The params need not follow
 * the updates: a law holds for any.
 */
export interface Trajectory {
  /** The params that `init` is given. */
  readonly params: unknown
  /** The updates, in order; each gets the state the one before left. */
  readonly steps: readonly Step[]
  /** A number out of which a law draws what else it needs: a factor, a place. @defaultValue `0` */
  readonly choice?: number
}
