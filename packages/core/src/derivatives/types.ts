import type { Expr, Leaf, Operand } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import type { Valid } from '../transformation/valid.js'

/** The type of params as a function is called with them while it is differentiated: every leaf is an expression. */
type Lifted<A> = unknown extends A
  ? A
  : [Tree] extends [A]
    ? A
    : [A] extends [null | undefined]
      ? A
      : [NonNullable<A>] extends [Operand]
        ? Expr | Extract<A, null>
        : { readonly [K in keyof A]: Lifted<A[K]> }

/**
 * A function that can be differentiated: from a tree of expressions, and whatever else it takes, to a result made of them.
 * The leaves of its params must be declared as `Operand`s (or the params as a `Tree`), since it is called with expressions.
 */
export type Differentiable<A, Rest extends readonly unknown[], R> = ((params: A, ...rest: Rest) => R) &
  ([Lifted<A>] extends [A] ? unknown : { readonly 'the leaves of the params of f must be of type Operand': never })

/** The same for a function that is differentiated by its argument of number K. */
export type DifferentiableBy<Args extends readonly unknown[], K extends number, R> = ((...given: Args) => R) &
  (number extends K
    ? { readonly 'argnum must be a number that is known when this is compiled': never }
    : [Lifted<Args[K]>] extends [Args[K]]
      ? unknown
      : { readonly 'the leaves of the argument of number argnum must be of type Operand': never })

/** The arguments of a function, with others in the place of that of number K. */
export type WithArgument<
  Args extends readonly unknown[],
  K extends number,
  Instead extends readonly unknown[],
  Before extends readonly unknown[] = []
> = Before['length'] extends K
  ? Args extends readonly [_?: unknown, ...after: infer After]
    ? [...Before, ...Instead, ...After]
    : never
  : Args extends readonly [infer Next, ...infer After]
    ? WithArgument<After, K, Instead, [...Before, Next]>
    : never

/** What the params of a function must be at least; a function that takes any tree says nothing. */
export type Bound<A> = [Tree] extends [A] ? unknown : A

/** Params for a function that takes any tree are checked leaf by leaf. */
export type Fitting<P, A> = [Tree] extends [A] ? Valid<P> : unknown

/** The same tree, without expressions. */
type Known<P> = [Tree<Leaf>] extends [P]
  ? Tree<Leaf>
  : P extends Expr
    ? never
    : P extends Leaf | null
      ? P
      : { readonly [K in keyof P]: Known<P[K]> }

/** What becomes of a lazy scalar: a number, where the params are arrays and numbers; else it stays lazy. */
export type ScalarOf<P> = [P] extends [Known<P>] ? number : Value

/** What becomes of a tree that a function gives besides: arrays and numbers, where the params are; else it stays lazy. */
export type ForcedBy<P, T> = [P] extends [Known<P>] ? Forced<T> : T

/** A tree with arrays and numbers in place of its expressions. */
type Forced<T> = T extends Expr
  ? Leaf
  : T extends Leaf | string | boolean | bigint | symbol | null | undefined
    ? T
    : { readonly [K in keyof T]: Forced<T[K]> }

/** Arrays, numbers or expressions in the structure of what a function gives. */
export type OperandsLike<R> = R extends Operand
  ? Operand
  : R extends null
    ? null
    : { readonly [K in keyof R]: OperandsLike<R[K]> }
