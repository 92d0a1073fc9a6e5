import type { DType } from '../array/dtype.js'
import type { Operand } from '../expression/expr.js'
import type { TreeOf } from '../tree/tree.js'
import type { Gradients, Like } from './like.js'
import type { Origin } from './origin.js'
import type { Valid } from './valid.js'

/** A tree of arrays, numbers or expressions: what the inside of a transformation works on. */
export type Tree<L = Operand> = TreeOf<L>

declare const EXTRA: unique symbol

/** The arguments after the params: none are needed when `Extra` asks for nothing. */
export type ExtraArguments<Extra> = readonly [extra?: Extra]

/**
 * Anything, when what `Extra` asks for is among the arguments. Otherwise a sentence that names what is missing, which
 * nothing is assignable to: by their number alone the arguments would only be too few.
 */
export type Asked<Arguments extends readonly unknown[], Extra> = object extends Extra
  ? unknown
  : Arguments['length'] extends 0
    ? `the extra argument is missing, with: ${keyof Extra & string}`
    : unknown

/**
 * A pure pair of functions: `init` makes a state out of the params, `update` turns gradients and a state into updates and
 * the next state. Neither changes its arguments; called twice, each gives the same result twice.
 *
 * `Extra` is what `update` needs beyond gradients, state and params, such as the value of the loss.
 *
 * They are declared as methods so that a `GradientTransformation<unknown>` may be any transformation, in a list of them for
 * instance. Their `this` is not looked at when they run: by its type an optimizer that is one or another knows that the
 * state it is given is its own.
 */
export interface GradientTransformation<State, Extra = unknown> {
  /** The state before the first update. */
  init<P>(params: Valid<P>): State
  /**
   * The updates to add to the params, and the next state. A param whose gradient is `null` rests: its update is −0, its part of the
   * state is kept, and the others are updated as if there were no more. Sparse rows are the dense gradient that they stand for.
   */
  update<P, E extends ExtraArguments<Extra> = ExtraArguments<Extra>, This = void>(
    this: This,
    updates: NoInfer<Gradients<P>>,
    state: StateIn<This, State>,
    params: P & Asked<E, Extra>,
    ...extra: E
  ): readonly [Like<P>, StateIn<This, State>]
  /** No value; it lets `Extra` be read off the type. */
  readonly [EXTRA]?: (extra: Extra) => void
}

type StateIn<This, State> = [This] extends [AnyGradientTransformation] ? StateOf<This> : State

/** Any pair of `init` and `update`, ours or a user's own on raw arrays. */
export interface AnyGradientTransformation {
  init(params: unknown): unknown
  update(updates: unknown, state: unknown, params: unknown, extra?: unknown): readonly [unknown, unknown]
}

/** The state of a transformation. */
export type StateOf<T extends AnyGradientTransformation> = ReturnType<T['init']>

/**
 * What the `update` of a transformation needs beyond gradients, state and params; nothing, when its type says nothing. Of
 * one transformation or another it is what both need.
 */
export type ExtraOf<T extends AnyGradientTransformation> = Takes<T> extends (extra: infer Extra) => void ? Extra : never

/** As the parameter of a function: a union of extras would be `unknown` when one is. */
type Takes<T extends AnyGradientTransformation> = T extends { readonly [EXTRA]?: (extra: infer Extra) => void }
  ? (extra: Extra) => void
  : T['update'] extends (updates: never, state: never, params: never, extra: infer Extra) => unknown
    ? (extra: [Extra] extends [never] ? unknown : Extra) => void
    : (extra: unknown) => void

/** A state without content. */
export type EmptyState = Readonly<Record<string, never>>

/** How a transformation is written: on trees of expressions, arrays and numbers. */
export interface Definition<State, Extra = unknown> {
  readonly init: (params: Tree) => State
  readonly update: (updates: Tree, state: State, params: Tree, extra: Extra) => readonly [Tree, State]
  /**
   * The dtype in which gradients are taken, whatever float dtype they are handed over in: `'params'` is that in which their
   * params are computed with, float32 where they are 16-bit. Without it gradients must have the dtype of their params. It
   * counts at the outer edge alone; a chain has that of its first part.
   */
  readonly gradients?: DType | 'params' | undefined
  /** The call that the transformation is made by: the name of its factory and the arguments, for `describe` and the console. */
  readonly origin?: Origin | undefined
  /**
   * Whether `update` wants to see which params have no gradient: theirs are `null` then, and so may be their updates, for those
   * that rest. Without it `update` is called with the other params alone, as if there were no more, and with their part of the
   * state; the rest of the state is kept.
   */
  readonly takesNull?: boolean | undefined
  /**
   * Whether a transformation in it may ask which rows of a param have a gradient, where that came as sparse rows: those that hand gradients on as
   * they are, each to the step it belongs to, say so when what is in them does. Without it all gradients in it are dense.
   */
  readonly takesRows?: boolean | undefined
}
