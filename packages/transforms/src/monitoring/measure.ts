import type { Expr, Leaf, Tree } from '@gradchain/core'

/**
 * What is to be known of the updates at a place of a chain, and of the params: a function of trees of expressions. What it gives
 * is a tree, too, a single number for most; it has the same structure and shapes at each step.
 */
export type Measure<M extends Tree = Tree> = (updates: Tree, params: Tree) => M

/** A {@link Measure} that remembers. */
export interface StatefulMeasure<State, M extends Tree = Tree> {
  /** The state before the first update. */
  readonly init: (params: Tree) => State
  /** The measurement, and the next state. */
  readonly measure: (updates: Tree, state: State, params: Tree) => readonly [M, State]
}

// What every type of all trees holds: to go through one would not end.
type Simplest = null | readonly [] | { readonly [key: string]: null }

/** What a measurement is in a state: evaluated, so that `read` makes a number of a lazy scalar. */
export type Measured<M> = [Simplest] extends [M]
  ? Tree<Leaf>
  : M extends Expr
    ? Leaf
    : M extends Leaf | null
      ? M
      : { readonly [K in keyof M]: Measured<M[K]> }
