import type { Expr, Leaf, Operand } from '../expression/expr.js'
import type { TreeOf } from '../tree/tree.js'

/** A tree of arrays, numbers or expressions: what the inside of a transformation works on. */
export type Tree<L = Operand> = TreeOf<L>

/**
 * Parameters, checked leaf by leaf: plain objects, arrays and tuples, interfaces too, of {@link Leaf}s and `null`. What is
 * a {@link Tree} by its type is one: to go through the type of all trees would not end.
 */
export type Valid<P> = [P] extends [Tree]
  ? P
  : P extends Leaf | Expr | null
    ? P
    : P extends string | boolean | bigint | symbol | undefined | ((...parameters: never) => unknown)
      ? never
      : P extends object
        ? { [K in keyof P]: Valid<P[K]> }
        : never

/**
 * What is shaped like `P`: the same keys and kinds of leaves, where a number may be any number. The type of all trees stays
 * what it is.
 */
export type Like<P> = [Tree<Leaf>] extends [P]
  ? P
  : P extends number
    ? number
    : P extends Leaf | Expr | null
      ? P
      : { [K in keyof P]: Like<P[K]> }

/** {@link Like}, in whatever memory the arrays lie: since TypeScript 5.9 the type of a typed array tells that, too. */
export type Given<P> =
  | Like<P>
  | ([Tree<Leaf>] extends [P]
      ? P
      : P extends Float32Array
        ? Float32Array
        : P extends Float64Array
          ? Float64Array
          : P extends number
            ? number
            : P extends Leaf | Expr | null
              ? P
              : { [K in keyof P]: Given<P[K]> })

declare const EXTRA: unique symbol

/** The arguments after the params: none are needed when `Extra` asks for nothing. */
export type ExtraArguments<Extra> = object extends Extra ? [extra?: Extra] : [extra: Extra]

/**
 * A pure pair of functions: `init` makes a state out of the params, `update` turns gradients and a state into updates and
 * the next state. Neither changes its arguments; called twice, each gives the same result twice.
 *
 * `Extra` is what `update` needs beyond gradients, state and params, such as the value of the loss.
 */
export interface GradientTransformation<State, Extra = unknown> {
  /** The state before the first update. */
  readonly init: <P>(params: P & Valid<P>) => State
  /** The updates to add to the params, and the next state. */
  readonly update: <P>(
    updates: NoInfer<Given<P>>,
    state: State,
    params: P,
    ...extra: ExtraArguments<Extra>
  ) => readonly [Like<P>, State]
  /** No value; it lets `Extra` be read off the type. */
  readonly [EXTRA]?: Extra
}

/** Any pair of `init` and `update`, ours or a user's own on raw arrays. */
export interface AnyGradientTransformation {
  readonly init: (params: never) => unknown
  readonly update: (updates: never, state: never, params: never, extra: never) => readonly [unknown, unknown]
}

/** The state of a transformation. */
export type StateOf<T extends AnyGradientTransformation> = ReturnType<T['init']>

/** What the `update` of a transformation needs beyond gradients, state and params; nothing, when its type says nothing. */
export type ExtraOf<T extends AnyGradientTransformation> = T extends { readonly [EXTRA]?: infer Extra }
  ? Extra
  : T['update'] extends (updates: never, state: never, params: never, extra: infer Extra) => unknown
    ? [Extra] extends [never]
      ? unknown
      : Extra
    : unknown

/** A state without content. */
export type EmptyState = Readonly<Record<never, never>>

/** How a transformation is written: on trees of expressions, arrays and numbers. */
export interface Definition<State, Extra = unknown> {
  readonly init: (params: Tree) => State
  readonly update: (updates: Tree, state: State, params: Tree, extra: Extra) => readonly [Tree, State]
}
