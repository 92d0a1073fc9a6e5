import type { NdArray } from '../array/ndarray.js'
import type { Expr, Leaf } from '../expression/expr.js'
import type { SparseRows } from '../rows/types.js'
import type { Deepest, TreeOf } from '../tree/shape.js'

/**
 * What is shaped like `P`: the same keys and kinds of leaves, where a number may be any number. The type of all trees stays
 * what it is.
 */
export type Like<P> = [TreeOf<Leaf>] extends [P]
  ? P
  : P extends number
    ? number
    : P extends Leaf | Expr | null
      ? P
      : { [K in keyof P]: Like<P[K]> }

/**
 * {@link Like}, in whatever memory the arrays lie (since TypeScript 5.9 the type of a typed array tells that, too) and of
 * whatever float dtype: which dtypes are taken is for `castGradients` to say, and is looked at when it runs. And `P` itself, for
 * functions that are generic in it.
 */
export type Given<P> =
  | P
  | Like<P>
  | ([TreeOf<Leaf>] extends [P]
      ? P
      : P extends Float32Array | Float64Array
        ? Float32Array | Float64Array
        : P extends NdArray
          ? NdArray
          : P extends number
            ? number
            : P extends Leaf | Expr | null
              ? P
              : { [K in keyof P]: Given<P[K]> })

/**
 * What an update takes for gradients: {@link Given}, with `null` in place of those of params that have none, and sparse rows in place of
 * arrays.
 */
export type Gradients<P> =
  | P
  | Like<P>
  | ([TreeOf<Leaf>] extends [P]
      ? P | TreeOf<Leaf | SparseRows>
      : P extends Float32Array | Float64Array
        ? Float32Array | Float64Array | SparseRows | null
        : P extends NdArray
          ? NdArray | SparseRows | null
          : P extends number
            ? number | null
            : P extends Leaf | Expr | null
              ? P | null
              : { [K in keyof P]: Gradients<P[K]> })

/**
 * `P`; where it has particular numbers, as after `as const`, they may have become any number.
 *
 * A function that is generic in `P` may take it for `P`. For that its kind must be told by a conditional type that, as long
 * as `P` is open, is known to be `false`: `any` is what TypeScript leaves out of what such a type may become.
 */
export type Same<P> = { readonly same: P; readonly like: P | Like<P> }[KindOf<HasNumbers<P>>]

type KindOf<HasNumbers> = HasNumbers extends false ? 'same' : 'like'

// biome-ignore lint/suspicious/noExplicitAny: see above; it is the type of no value.
type HasNumbers<P> = [ParticularNumber<P>] extends [never] ? false : any

/** `true` somewhere in a type that has the type of one number, such as `1`, somewhere. */
type ParticularNumber<P, Depth extends readonly true[] = []> = Depth['length'] extends Deepest
  ? never
  : [TreeOf<never>] extends [P]
    ? never
    : P extends number
      ? number extends P
        ? never
        : true
      : P extends Leaf | Expr | null
        ? never
        : P extends readonly unknown[]
          ? ParticularNumber<P[number], [...Depth, true]>
          : P extends object
            ? { [K in keyof P]-?: ParticularNumber<P[K], [...Depth, true]> }[keyof P]
            : never
