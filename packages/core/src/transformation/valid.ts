import type { Expr, Leaf } from '../expression/expr.js'
import type { AtomOf, Deepest, IsPlain, TreeOf } from '../tree/shape.js'

/**
 * `P`, where it is a tree of params: plain objects, interfaces, arrays and tuples of {@link Leaf}s and `null`. Elsewhere it
 * is a sentence that says what is wrong and where, which nothing is assignable to.
 *
 * What a class made is known by its methods, symbols and private fields; one of public data alone looks like any other
 * object, and is refused when it comes. A function that is generic in `P` may pass it on.
 */
export type Valid<P> = [Fine<P>] extends [never] ? Flaw<P, 'params'> : P

// Two ways to look: the first, which is nearly always enough, has no paths in it, so that equal parts are looked at once.
type Fine<P> = [Alien<P>] extends [never] ? true : never

/** Something where a type is no tree of params. */
type Alien<P, Depth extends readonly true[] = []> = Depth['length'] extends Deepest
  ? never
  : IsAny<P> extends true
    ? never
    : unknown extends P
      ? true
      : [TreeOf<never>] extends [P]
        ? [AtomOf<P>] extends [Leaf | Expr]
          ? never
          : true
        : P extends Leaf | Expr | null
          ? never
          : P extends readonly unknown[]
            ? Alien<P[number], [...Depth, true]>
            : IsPlain<P> extends true
              ? { [K in keyof P]-?: Alien<Required<P>[K], [...Depth, true]> }[keyof P]
              : true

type IsAny<P> = 0 extends P & 1 ? true : false

/** What is wrong with a type, and where. */
type Flaw<P, At extends string, Depth extends readonly true[] = []> = Depth['length'] extends Deepest
  ? never
  : IsAny<P> extends true
    ? never
    : unknown extends P
      ? NoLeaf<At, 'unknown'>
      : [TreeOf<never>] extends [P]
        ? [AtomOf<P>] extends [Leaf | Expr]
          ? never
          : NoLeaf<At, 'a tree of something else'>
        : P extends Leaf | Expr | null
          ? never
          : P extends readonly unknown[]
            ? number extends P['length']
              ? Flaw<P[number], `${At}[…]`, [...Depth, true]>
              : { [K in keyof P]: Flaw<P[K], `${At}[${K & string}]`, [...Depth, true]> }[number]
            : IsPlain<P> extends true
              ? { [K in keyof P]-?: Flaw<Required<P>[K], `${At}.${K & (string | number)}`, [...Depth, true]> }[keyof P]
              : NoLeaf<At, NameOf<P>>

type NoLeaf<
  At extends string,
  What extends string
> = `${At} is ${What}; a leaf must be a number, a Float32Array, a Float64Array or an NdArray`

type NameOf<P> = P extends string
  ? 'a string'
  : P extends boolean
    ? 'a boolean'
    : P extends undefined
      ? 'undefined'
      : P extends bigint
        ? 'a bigint'
        : P extends symbol
          ? 'a symbol'
          : P extends (...parameters: never) => unknown
            ? 'a function'
            : P extends ReadonlyMap<unknown, unknown>
              ? 'a Map'
              : P extends ReadonlySet<unknown>
                ? 'a Set'
                : P extends ArrayBufferView & { readonly [Symbol.toStringTag]: infer Name extends string }
                  ? Name extends `${'A' | 'E' | 'I' | 'O'}${string}`
                    ? `an ${Name}`
                    : `a ${Name}`
                  : 'an instance of a class'
