// What is exported as `tree`: structure, and the arithmetic of whole trees.
import type { DType } from './array/dtype.js'
import { Expr, type Operand } from './expression/expr.js'
import {
  add,
  cast as castArray,
  castLike as castArrayLike,
  fullLike as fullArrayLike,
  lift,
  sqrt,
  sum as sumArray,
  sumSquares,
  type Value,
  zerosLike as zerosArrayLike
} from './expression/operations.js'
import { leaves, map, mapWithPath } from './tree/tree.js'
import type { Tree } from './transformation/types.js'

export { expandPrefix, leaves, map, mapWithPath, unflatten } from './tree/tree.js'

/**
 * A tree of zeros with the structure, shapes and dtypes of another, or with the dtype given.
 *
 * @example
 * force(tree.zerosLike({ w: new Float32Array(2), b: 3 })) // => { w: Float32Array [0, 0], b: 0 }
 */
export const zerosLike = (like: Tree, dtype?: DType): Tree => map((x: Operand): Operand => zerosArrayLike(x, dtype), like)

/**
 * A tree that is one value everywhere, with the structure, shapes and dtypes of another.
 *
 * @example
 * force(tree.fullLike({ w: new Float32Array(2), b: 3 }, 0.5)) // => { w: Float32Array [0.5, 0.5], b: 0.5 }
 */
export const fullLike = (like: Tree, value: Value, dtype?: DType): Tree =>
  map((x: Operand): Operand => fullArrayLike(x, value, dtype), like)

/**
 * A tree of ones with the structure, shapes and dtypes of another.
 *
 * @example
 * force(tree.onesLike([0, new Float32Array(2)])) // => [1, Float32Array [1, 1]]
 */
export const onesLike = (like: Tree, dtype?: DType): Tree => fullLike(like, 1, dtype)

/**
 * The elements rounded to a dtype; number leaves stay what they are.
 *
 * @example
 * force(tree.cast({ w: new Float32Array([1.5]) }, 'float64')) // => { w: Float64Array [1.5] }
 */
export const cast = (values: Tree, dtype: DType): Tree => map((x: Operand): Operand => castArray(x, dtype), values)

/**
 * The elements rounded to the dtypes of another tree.
 *
 * @example
 * force(tree.castLike({ w: new Float64Array([0.1]) }, { w: new Float32Array(1) })) // => { w: Float32Array [0.10000000149011612] }
 */
export const castLike = (values: Tree, like: Tree): Tree => map((x: Operand, y: Operand): Operand => castArrayLike(x, y), values, like)

const addUp = (values: readonly Value[]): Value => values.reduce<Value>((total, value) => add(total, value), 0)

/**
 * The sum of all elements of all leaves, a lazy scalar; 0 for an empty tree.
 *
 * @example
 * read(tree.sum({ w: new Float32Array([1, 2]), b: 3 })) // => 6
 */
export const sum = (values: Tree): Value => addUp(leaves(values).map((x) => sumArray(x)))

/**
 * √Σx² over all leaves: the global norm, a lazy scalar; 0 for an empty tree.
 *
 * @example
 * read(tree.norm({ w: new Float32Array([2, 2]), b: 1 })) // => 3
 */
export const norm = (values: Tree): Value => sqrt(squaredNorm(values))

/**
 * Σx² over all leaves, a lazy scalar; 0 for an empty tree.
 *
 * @example
 * read(tree.squaredNorm({ w: new Float32Array([2, 2]), b: 1 })) // => 9
 */
export const squaredNorm = (values: Tree): Value => addUp(leaves(values).map((x) => sumSquares(x)))

/**
 * How many elements a tree holds; a number is one.
 *
 * @example
 * tree.size({ w: new Float32Array(5), layers: [1, null] }) // => 6
 */
export const size = (values: Tree): number =>
  leaves(values).reduce<number>((total, x) => {
    const value = lift(x)
    return total + (value instanceof Expr ? value.size : 1)
  }, 0)

/**
 * Where the leaves stand, in tree order.
 *
 * @example
 * tree.paths({ layers: [{ kernel: 1, bias: 2 }] }) // => ['.layers[0].kernel', '.layers[0].bias']
 */
export const paths = (values: Tree<unknown>): string[] => {
  const found: string[] = []
  mapWithPath<unknown, number>((path) => found.push(path), values)
  return found
}
