import { boolean, check, positive, type Requirement, withDefaults } from '../check.js'
import type { Operand } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import {
  abs,
  cast,
  div,
  dot,
  equal,
  isWide,
  lift,
  maxOf,
  max as maxOfTwo,
  minOf,
  mul,
  needsScale,
  neg,
  pow,
  scaleFor,
  sqrt,
  square,
  sum as sumArray,
  sumSquares,
  type Value,
  where
} from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import { type Fold, folded, gathered, SUM } from './placed.js'

const largestAbove = (start: number): Fold => ({ op: Op.Max, start })

/**
 * The sum of all elements of all leaves, a lazy scalar; 0 for an empty tree.
 *
 * @example
 * read(tree.sum({ w: new Float32Array([1, 2]), b: 3 })) // => 6
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const sum = (values: Tree): Value => folded('sum', ['tree'], [values], SUM, (x) => sumArray(x as Operand))

/**
 * The sum of the products of all elements of two trees, a lazy scalar; the products are float64. 0 for empty trees.
 *
 * @example
 * read(tree.vdot({ w: new Float32Array([1, 2]), b: 3 }, { w: new Float32Array([10, 100]), b: 5 })) // => 225
 *
 * @throws InvalidTree with the path, where the trees do not fit.
 */
export const vdot = (a: Tree, b: Tree): Value =>
  folded('vdot', ['a', 'b'], [a, b], SUM, (x, y) => dot(x as Operand, y as Operand))

/**
 * The largest element of all leaves, a lazy scalar; −Infinity for a tree without elements, NaN when one is.
 *
 * @example
 * read(tree.max({ w: new Float32Array([1, 7]), b: 3 })) // => 7
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const max = (values: Tree): Value =>
  folded('max', ['tree'], [values], largestAbove(-Infinity), (x) => maxOf(x as Operand))

/**
 * The smallest element of all leaves, a lazy scalar; Infinity for a tree without elements, NaN when one is.
 *
 * @example
 * read(tree.min({ w: new Float32Array([1, 7]), b: 3 })) // => 1
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const min = (values: Tree): Value =>
  folded('min', ['tree'], [values], { op: Op.Min, start: Infinity }, (x) => minOf(x as Operand))

/** Options of {@link norm}. */
export interface NormOptions {
  /** Which norm: (Σ|x|ᵖ)^(1/p) for a number p, finite and > 0, and the largest |x| for `'inf'`. @defaultValue `2` */
  readonly ord?: number | 'inf' | undefined
  /** Whether to give the square of the norm, for 2 without taking a root. @defaultValue `false` */
  readonly squared?: boolean | undefined
}

/** Which norm there is. */
const order: Requirement = {
  what: 'a finite number > 0 or "inf"',
  holds: (value) => value === 'inf' || positive.holds(value)
}

/**
 * The norm of all leaves together as one vector, a lazy scalar: √Σx² unless another is asked for. 0 for an empty tree.
 *
 * It is right wherever it can be written as a float64, also where the squares, or the powers, of the elements cannot: those
 * are taken of the elements times a power of two, or divided by the largest. The square itself is no more than a float64.
 *
 * @example
 * read(tree.norm({ w: new Float32Array([2, -2]), b: 1 })) // => 3
 * read(tree.norm({ w: new Float64Array([3e180, 4e180]), b: 0 })) // => 5e+180
 * read(tree.norm({ w: new Float32Array([2, -2]), b: 1 }, { ord: 1 })) // => 5
 * read(tree.norm({ w: new Float32Array([3, -4]), b: 5 }, { ord: 3 })) // => 6
 * read(tree.norm({ w: new Float32Array([2, -2]), b: 1 }, { ord: 'inf', squared: true })) // => 4
 *
 * @throws InvalidOption for another `ord`; InvalidTree for what is no tree of arrays.
 */
export const norm = (values: Tree, options: NormOptions = {}): Value => {
  const { ord, squared } = withDefaults<{ ord: number | 'inf'; squared: boolean }>('norm', options, {
    ord: 2,
    squared: false
  })
  check('norm', { ord }, order)
  check('norm', { squared }, boolean)
  const of: Folded = (fold, f) => folded('norm', ['tree'], [values], fold, (x) => f(lift(x as Operand)))
  if (ord === 2) return squared ? of(SUM, sumSquares) : euclidean(of)
  const found = ord === 1 ? of(SUM, (x) => sumArray(abs(x))) : ord === 'inf' ? longest(of) : powers(of, ord)
  return squared ? square(found) : found
}

/** What is put together out of the leaves of a tree. */
type Folded = (fold: Fold, f: (x: Value) => Value) => Value

/** √Σx², computed once more, with scaled elements, where there is a leaf whose squares may overflow or vanish. */
const euclidean = (of: Folded): Value => {
  const squares: Value[] = []
  let isNeeded = false
  const total = of(SUM, (x) => {
    const square = sumSquares(x)
    isNeeded ||= needsScale(x, square)
    squares.push(square)
    return square
  })
  if (!isNeeded) return sqrt(total)
  const scale = scaleFor(total)
  let at = 0
  const scaled = of(SUM, (x) => {
    const square = squares[at++] as Value
    // Twice, for the square of the scale is out of range.
    return isWide(x) ? sumSquares(mul(x, scale)) : mul(mul(square, scale), scale)
  })
  return div(sqrt(scaled), scale)
}

/** The largest |x|; where there is nothing it is not −Infinity: absolute values start at 0. */
const longest = (of: Folded): Value =>
  maxOfTwo(
    of({ op: Op.Max, start: 0 }, (x) => maxOf(x)),
    neg(of({ op: Op.Min, start: 0 }, (x) => minOf(x)))
  )

/** (Σ|x|ᵖ)^(1/p), of elements divided by the largest, in float64. */
const powers = (of: Folded, p: number): Value => {
  const most = longest(of)
  // Of zeros there is no share, and of infinities the power is infinite as it is.
  const unit = where(equal(most, 0), 1, where(equal(most, Infinity), 1, most))
  const total = of(SUM, (x) => sumArray(pow(div(abs(cast(x, 'float64')), unit), p)))
  return mul(unit, pow(total, 1 / p))
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
  folded('squaredNorm', ['tree'], [values], SUM, (x) => sumSquares(x as Operand))

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
