import type { NdArray } from '../array/ndarray.js'

/** A tree with leaves `L`: nested plain objects, arrays and tuples; `null` is an empty subtree. */
export type TreeOf<L> = L | null | readonly TreeOf<L>[] | { readonly [key: string]: TreeOf<L> }

/** How far down types are looked at: those that hold themselves have no end. */
export type Deepest = 12

/** Whether a type is that of a plain object. What a class made is known by its symbols and private fields, if it has any. */
export type IsPlain<T> = T extends NdArray | ((...parameters: never) => unknown)
  ? false
  : T extends object
    ? [keyof T & symbol] extends [never]
      ? Pick<T, keyof T> extends T
        ? true
        : false
      : false
    : false

/** What may stand at the leaves of the type of all trees, such as `TreeOf<number>`. */
export type AtomOf<T> = T extends null
  ? never
  : readonly TreeOf<never>[] extends T
    ? never
    : { readonly [key: string]: TreeOf<never> } extends T
      ? never
      : T

/** The leaves of a tree, by its type. */
export type LeafOf<T, Depth extends readonly true[] = []> = Depth['length'] extends Deepest
  ? never
  : unknown extends T
    ? T
    : [TreeOf<never>] extends [T]
      ? AtomOf<T>
      : T extends null
        ? never
        : T extends readonly unknown[]
          ? LeafOf<T[number], [...Depth, true]>
          : IsPlain<T> extends true
            ? { [K in keyof T]-?: LeafOf<T[K], [...Depth, true]> }[keyof T]
            : T

/** A tree of the structure of `T`, with leaves `R`. */
export type Mapped<T, R> = unknown extends T
  ? TreeOf<R>
  : [TreeOf<never>] extends [T]
    ? TreeOf<R>
    : T extends null
      ? null
      : T extends readonly unknown[]
        ? { [K in keyof T]: Mapped<T[K], R> }
        : IsPlain<T> extends true
          ? { [K in keyof T]: Mapped<T[K], R> }
          : R
