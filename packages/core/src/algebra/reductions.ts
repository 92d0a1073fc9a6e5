import { boolean, check, oneOf, withDefaults } from '../check.js'
import type { Operand } from '../expression/expr.js'
import {
  abs,
  add,
  dot,
  lift,
  maxOf,
  max as maxOfTwo,
  minOf,
  min as minOfTwo,
  sqrt,
  square,
  sum as sumArray,
  sumSquares,
  type Value
} from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import { gathered } from './placed.js'

const addUp = (values: readonly Value[]): Value => values.reduce<Value>((total, value) => add(total, value), 0)

const largest = (values: readonly Value[], least: number): Value =>
  values.reduce<Value>((found, value) => maxOfTwo(found, value), least)

/**
 * The sum of all elements of all leaves, a lazy scalar; 0 for an empty tree.
 *
 * @example
 * read(tree.sum({ w: new Float32Array([1, 2]), b: 3 })) // => 6
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const sum = (values: Tree): Value => addUp(gathered('sum', ['tree'], [values], (x) => sumArray(x as Operand)))

/**
 * The sum of the products of all elements of two trees, a lazy scalar; the products are float64. 0 for empty trees.
 *
 * @example
 * read(tree.vdot({ w: new Float32Array([1, 2]), b: 3 }, { w: new Float32Array([10, 100]), b: 5 })) // => 225
 *
 * @throws InvalidTree with the path, where the trees do not fit.
 */
export const vdot = (a: Tree, b: Tree): Value =>
  addUp(gathered('vdot', ['a', 'b'], [a, b], (x, y) => dot(x as Operand, y as Operand)))

/**
 * The largest element of all leaves, a lazy scalar; −Infinity for a tree without elements, NaN when one is.
 *
 * @example
 * read(tree.max({ w: new Float32Array([1, 7]), b: 3 })) // => 7
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const max = (values: Tree): Value =>
  largest(
    gathered('max', ['tree'], [values], (x) => maxOf(x as Operand)),
    -Infinity
  )

/**
 * The smallest element of all leaves, a lazy scalar; Infinity for a tree without elements, NaN when one is.
 *
 * @example
 * read(tree.min({ w: new Float32Array([1, 7]), b: 3 })) // => 1
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const min = (values: Tree): Value =>
  gathered('min', ['tree'], [values], (x) => minOf(x as Operand)).reduce<Value>((a, b) => minOfTwo(a, b), Infinity)

/** Options of {@link norm}. */
export interface NormOptions {
  /** Which norm: the sum of |x| for 1, √Σx² for 2, the largest |x| for `'inf'`. @defaultValue `2` */
  readonly ord?: 1 | 2 | 'inf' | undefined
  /** Whether to give the square of the norm, for 2 without taking a root. @defaultValue `false` */
  readonly squared?: boolean | undefined
}

/**
 * The norm of all leaves together as one vector, a lazy scalar: √Σx² unless another is asked for. 0 for an empty tree.
 *
 * @example
 * read(tree.norm({ w: new Float32Array([2, -2]), b: 1 })) // => 3
 * read(tree.norm({ w: new Float32Array([2, -2]), b: 1 }, { ord: 1 })) // => 5
 * read(tree.norm({ w: new Float32Array([2, -2]), b: 1 }, { ord: 'inf', squared: true })) // => 4
 *
 * @throws InvalidOption for another `ord`; InvalidTree for what is no tree of arrays.
 */
export const norm = (values: Tree, options: NormOptions = {}): Value => {
  const { ord, squared } = withDefaults<Required<NormOptions>>('norm', options, { ord: 2, squared: false })
  check('norm', { ord }, oneOf(1, 2, 'inf'))
  check('norm', { squared }, boolean)
  const of = (f: (x: Operand) => Value) => gathered('norm', ['tree'], [values], (x) => f(x as Operand))
  if (ord === 2) {
    const total = addUp(of(sumSquares))
    return squared ? total : sqrt(total)
  }
  // Where there is nothing, the largest of nothing is not −Infinity: absolute values start at 0.
  const found =
    ord === 1
      ? addUp(of((x) => sumArray(abs(x))))
      : largest(
          of((x) => maxOf(abs(x))),
          0
        )
  return squared ? square(found) : found
}

/**
 * Σx² over all leaves, a lazy scalar; 0 for an empty tree.
 *
 * @example
 * read(tree.squaredNorm({ w: new Float32Array([2, 2]), b: 1 })) // => 9
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const squaredNorm = (values: Tree): Value =>
  addUp(gathered('squaredNorm', ['tree'], [values], (x) => sumSquares(x as Operand)))

/**
 * How many elements a tree holds; a number is one.
 *
 * @example
 * tree.size({ w: new Float32Array(5), layers: [1, null] }) // => 6
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const size = (values: Tree): number => {
  let total = 0
  gathered('size', ['tree'], [values], (leaf) => {
    const x = lift(leaf as Operand)
    total += typeof x === 'number' ? 1 : x.size
    return 0
  })
  return total
}
