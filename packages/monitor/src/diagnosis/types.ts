import type { Leaf, Tree } from '@gradchain/core'

/** What is known of a step; all but the loss may be missing, and the rules that need it are silent then. */
export interface HistoryRow {
  /** The loss of the step. */
  readonly loss: number
  /** The loss on data that are not trained on, at the steps at which it was computed. */
  readonly validationLoss?: number | undefined
  /** The norm of all gradients, as `normOf('gradients')` measures it. */
  readonly gradientNorm?: number | undefined
  /** ‖u‖ / ‖p‖, as `updateRatio()` measures it. */
  readonly updateRatio?: number | undefined
  /** The gradients, or a norm at each leaf, as `normOf('gradients', { by: 'leaf' })` measures it. */
  readonly layers?: Tree<Leaf> | undefined
}

/** What may be wrong with a run. */
export type Problem =
  | 'notFinite'
  | 'diverging'
  | 'oscillating'
  | 'plateau'
  | 'spikes'
  | 'vanishing'
  | 'exploding'
  | 'largeSteps'
  | 'smallSteps'
  | 'overfitting'

/** One thing that is wrong, how it shows, and what helps. */
export interface Finding {
  readonly problem: Problem
  /** The row from which on it shows, counted from 0. */
  readonly at: number
  /** What was seen, in a sentence with its numbers. */
  readonly evidence: string
  /** What to try, the first thing first. */
  readonly remedies: readonly string[]
}
